import Foundation

/// Runs the Python client as its users do, in a process of its own.
enum Python {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let folder = root.appending(path: "Clients/python")
    static let tests = folder.appending(path: "tests").path

    /// The interpreter that `PATH` finds; nil where there is none.
    private static let executable: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/python3" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    static var isThere: Bool { executable != nil }

    struct Ended: Sendable {
        let code: Int32
        let output: Data
        let errors: String
    }

    /// Runs the interpreter to its end; `input` is what it reads on standard input.
    static func run(_ arguments: [String], input: Data = Data()) async throws -> Ended {
        let files = FileManager.default.temporaryDirectory.appending(path: "cascade-python-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: files) }
        // Files, so that nobody has to read while it writes.
        let names = ["input", "output", "errors"].map { files.appending(path: $0) }
        for name in names { try (name == names[0] ? input : Data()).write(to: name) }
        let process = Process()
        process.executableURL = URL(filePath: executable ?? "/nonexistent")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PYTHONPATH": folder.path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8",
            "no_proxy": "localhost,127.0.0.1",
        ]) { _, own in own }
        process.standardInput = try FileHandle(forReadingFrom: names[0])
        process.standardOutput = try FileHandle(forWritingTo: names[1])
        process.standardError = try FileHandle(forWritingTo: names[2])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return Ended(
            code: process.terminationStatus, output: try Data(contentsOf: names[1]),
            errors: String(decoding: try Data(contentsOf: names[2]), as: UTF8.self))
    }
}
