import CascadeModels

/// What is said of a backup on the terminal.
enum BackupText {
    static func lines(_ manifest: BackupManifest) -> [String] {
        let bytes = manifest.files.values.reduce(0) { $0 + $1.bytes }
        let rows = ["users", "items", "impressions", "events"].map { "\(manifest.rows[$0] ?? 0) \($0)" }
        let kept = manifest.releases.filter { $0.leftOut == nil }
        var lines = [
            "rows       \(rows.joined(separator: ", "))",
            "schema     \(manifest.schemaVersion), PostgreSQL \(manifest.postgres)",
            "releases   \(kept.count) with artifacts; active: \(manifest.activeRelease ?? "none")",
            "files      \(manifest.files.count), \(SizeText.text(bytes))",
        ]
        for release in manifest.releases {
            if let reason = release.leftOut {
                lines.append(
                    "warning    release \(release.id) (\(release.state)) is there without artifacts: \(reason)")
            }
        }
        return lines
    }
}
