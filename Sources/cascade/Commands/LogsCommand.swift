import ArgumentParser
import Foundation

/// `cascade logs`: what the log of a server says together.
struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Sum up the log of a server: filters, sources, what was slow, what failed.",
        discussion: """
            Reads the JSON lines that `cascade serve` writes to standard error. Sources, filters and stages are in the line of every
            request; components only in those of sampled requests and requests under debug.
            """)

    @Argument(help: "The files; without one, standard input.") var files: [String] = []
    @Option(help: "Slow requests to name.") var slowest = 5

    func validate() throws {
        guard (0...1000).contains(slowest) else { throw ValidationError("--slowest must be 0 to 1000") }
    }

    func run() throws {
        for line in LogSummaryText.lines(try summary()) { Terminal.out(line) }
    }

    /// Reads everything.
    func summary() throws -> LogSummary {
        var summary = LogSummary(slowest: slowest)
        if files.isEmpty { try LogLines.visit(FileHandle.standardInput) { summary.add($0) } }
        for path in files {
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw CommandFailure("\(path) cannot be read; name a file with the log of a server")
            }
            defer { try? handle.close() }
            try LogLines.visit(handle) { summary.add($0) }
        }
        return summary
    }
}
