import Crypto
package import Foundation

/// One numbered SQL file.
package struct MigrationFile: Equatable, Sendable {
    /// The number in front, from 1.
    package let version: Int
    /// What stands between the number and `.sql`.
    package let name: String
    /// The whole name of the file.
    package let file: String
    /// The SHA-256 of the content in hexadecimal.
    package let checksum: String
    let text: String

    /// The migrations of a directory in their order.
    ///
    /// Throws `.migration` for names that are no `NNNN_name.sql`, and for gaps and duplicates. Files that do not end in
    /// `.sql` are left alone. Blocks on the disk.
    package static func load(directory: URL) throws(PostgresError) -> [MigrationFile] {
        let path = directory.path
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".sql") }.sorted()
        } catch {
            throw .migration(.unreadable(directory: path, reason: error.localizedDescription))
        }
        var files: [MigrationFile] = []
        for name in names { files.append(try read(name, in: directory)) }
        try check(files)
        return files
    }

    private static func read(_ file: String, in directory: URL) throws(PostgresError) -> MigrationFile {
        let stem = file.dropLast(".sql".count)
        let digits = stem.prefix(4)
        let name = stem.dropFirst(5)
        let isName = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
        guard digits.utf8.count == 4, digits.utf8.allSatisfy({ (48...57).contains($0) }), let version = Int(digits),
            stem.dropFirst(4).first == "_", !name.isEmpty, isName
        else { throw .migration(.badName(file: file)) }
        let data: Data
        do {
            data = try Data(contentsOf: directory.appendingPathComponent(file))
        } catch {
            throw .migration(.unreadable(directory: directory.path, reason: error.localizedDescription))
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw .migration(.unreadable(directory: directory.path, reason: "\(file) is not UTF-8"))
        }
        return MigrationFile(
            version: version, name: String(name), file: file, checksum: Checksum.sha256(data), text: text)
    }

    private static func check(_ files: [MigrationFile]) throws(PostgresError) {
        for (version, same) in Dictionary(grouping: files, by: \.version).sorted(by: { $0.key < $1.key })
        where same.count > 1 {
            throw .migration(.duplicate(version: version, files: same.map(\.file)))
        }
        for (index, file) in files.enumerated() where file.version != index + 1 {
            throw .migration(.gap(missing: index + 1, before: file.file))
        }
    }
}

/// Digests as text.
enum Checksum {
    /// The SHA-256 in hexadecimal.
    static func sha256(_ data: Data) -> String {
        SHA256.hash(data: data).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
