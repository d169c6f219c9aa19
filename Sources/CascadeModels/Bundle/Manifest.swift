import Crypto
package import Foundation

/// The list of a release's files with their sizes and checksums; itself checksummed in the database.
package struct Manifest: Codable, Sendable, Equatable {
    package struct File: Codable, Sendable, Equatable {
        package let bytes: Int
        /// SHA-256 in hexadecimal digits.
        package let sha256: String
    }

    package var releaseID: String
    package var retrievalModelID: String
    /// Nil where nothing in the training data tells a ranker what is not wanted.
    package var rankerModelID: String?
    /// RFC 3339 time of the build.
    package var builtAt: String
    package var files: [String: File]

    package static let fileName = "manifest.json"

    package init(
        releaseID: String, retrievalModelID: String, rankerModelID: String?, builtAt: String,
        files: [String: File] = [:]
    ) {
        self.releaseID = releaseID
        self.retrievalModelID = retrievalModelID
        self.rankerModelID = rankerModelID
        self.builtAt = builtAt
        self.files = files
    }
}

/// A folder of immutable artifacts with a manifest: written whole under another name, verified before anything is used.
package struct ArtifactFolder: Sendable {
    package let url: URL

    package init(_ url: URL) { self.url = url }

    package func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Writes the manifest over all files that lie in the folder; returns the manifest's SHA-256.
    package func seal(_ manifest: Manifest) throws -> String {
        var sealed = manifest
        for name in try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
        where name != Manifest.fileName {
            sealed.files[name] = try Self.describe(path(name))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let data = try encoder.encode(sealed)
        try data.write(to: url.appendingPathComponent(Manifest.fileName), options: .atomic)
        return Self.sha256(of: data)
    }

    /// Reads the manifest and checks it and every file against their checksums.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the first file that is missing, of another size or altered.
    package func verify(manifestChecksum: String) throws -> Manifest {
        let manifestPath = path(Manifest.fileName)
        guard let data = FileManager.default.contents(atPath: manifestPath) else {
            throw ModelError.corruptArtifact(file: manifestPath, reason: "the file is missing")
        }
        guard Self.sha256(of: data) == manifestChecksum else {
            throw ModelError.corruptArtifact(file: manifestPath, reason: "its checksum is not that of the release")
        }
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: data) else {
            throw ModelError.corruptArtifact(file: manifestPath, reason: "it is no manifest")
        }
        for (name, file) in manifest.files.sorted(by: { $0.key < $1.key }) {
            let path = path(name)
            guard let found = try? Self.describe(path) else {
                throw ModelError.corruptArtifact(file: path, reason: "the file is missing or unreadable")
            }
            guard found.bytes == file.bytes else {
                throw ModelError.corruptArtifact(
                    file: path, reason: "it has \(found.bytes) bytes where the manifest says \(file.bytes)")
            }
            guard found.sha256 == file.sha256 else {
                throw ModelError.corruptArtifact(file: path, reason: "its content was altered (SHA-256 differs)")
            }
        }
        return manifest
    }

    /// The size and checksum of a file, read in pieces.
    package static func describe(_ path: String) throws -> Manifest.File {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        var hash = SHA256()
        var bytes = 0
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            hash.update(data: piece)
            bytes += piece.count
        }
        return Manifest.File(bytes: bytes, sha256: hexadecimal(hash.finalize()))
    }

    /// The SHA-256 of some bytes in hexadecimal digits.
    package static func sha256(of data: Data) -> String { hexadecimal(SHA256.hash(data: data)) }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        digest.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
