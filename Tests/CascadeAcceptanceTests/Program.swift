import Foundation

/// The program itself, as it was built with the tests.
enum Program {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let url = root.appendingPathComponent(".build/debug/cascade")

    static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: url.path) }

    /// Starts it in `directory`, with a database URL that stands in no argument.
    static func start(
        _ arguments: [String], database: String, in directory: URL, output: Any = FileHandle.nullDevice
    ) throws -> Process {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments + ["--data-directory", directory.appendingPathComponent("data").path]
        var environment = ProcessInfo.processInfo.environment
        environment["CASCADE_DATABASE_URL"] = database
        environment["CASCADE_HOME"] = root.path
        process.environment = environment
        process.currentDirectoryURL = directory
        process.standardOutput = output
        try process.run()
        return process
    }

    /// Runs it to its end; gives the exit code and the JSON object that it printed.
    static func json(
        _ arguments: [String], database: String, in directory: URL
    ) throws -> (code: Int32, object: [String: Any]) {
        let pipe = Pipe()
        let process = try start(arguments, database: database, in: directory, output: pipe)
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:])
    }
}
