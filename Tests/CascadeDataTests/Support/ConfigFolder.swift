import Foundation

/// Files of the package, found from this file's place.
enum ConfigFolder {
    /// The path of the mapping `name`.
    static func dataset(_ name: String) -> String { path("Config/datasets/\(name).yaml") }

    /// The path of a file by its path in the package.
    static func path(_ name: String) -> String {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.appendingPathComponent(name).path
    }
}
