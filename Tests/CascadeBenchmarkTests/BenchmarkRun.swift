import Foundation

/// A program of `Benchmarks` or a peer, run to its end.
struct BenchmarkRun {
    let code: Int32
    let output: String
    let errors: String

    /// The root of the repository.
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What the build put beside these tests.
    static func program(_ name: String) -> URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: name)
    }

    /// The interpreter that `PATH` finds; nil where there is none.
    static let python: URL? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { URL(filePath: "\($0)/python3") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    /// Runs `program` in `folder`, which gets files for what it reads and writes.
    init(_ program: URL, _ arguments: [String], input: String = "", in folder: URL) throws {
        let files = try ["input", "output", "errors"].map { name in
            let file = folder.appending(path: "\(name)-\(UUID().uuidString)")
            try Data((name == "input" ? input : "").utf8).write(to: file)
            return file
        }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        code = process.terminationStatus
        output = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
        errors = String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
    }

    /// The number behind a word of the output.
    func number(_ word: String) -> Double? {
        let words = output.split(whereSeparator: \.isWhitespace)
        guard let place = words.firstIndex(of: Substring(word)), place + 1 < words.endIndex else { return nil }
        return Double(words[place + 1].filter { $0 != "," })
    }
}
