package import Foundation

/// Lends a fresh directory that is removed afterwards, whatever happens in `body`.
///
/// `mode` is 0755 where another user, such as the database server's, has to enter.
package nonisolated(nonsending) func withTemporaryDirectory<Value>(
    mode: Int = 0o700, _ body: (URL) async throws -> Value
) async throws -> Value {
    let directory = try makeTemporaryDirectory(mode: mode)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try await body(directory)
}

/// The same for work that does not wait.
package func withTemporaryDirectory<Value>(mode: Int = 0o700, _ body: (URL) throws -> Value) throws -> Value {
    let directory = try makeTemporaryDirectory(mode: mode)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory)
}

private func makeTemporaryDirectory(mode: Int) throws -> URL {
    // Short, because the path of a socket may have to fit in it.
    let name = String(UInt64.random(in: 0 ... .max), radix: 36)
    let directory = try ScratchDirectory.url().appendingPathComponent(name)
    try FileManager.default.createDirectory(
        at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
    return directory
}
