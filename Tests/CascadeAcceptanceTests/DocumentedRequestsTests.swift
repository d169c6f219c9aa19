import CascadeServing
import Foundation
import HummingbirdTesting
import Testing

@testable import cascade

/// Every request that the README and Docs/api.md show does what they say, sent by curl to a server with a trained world.
@Suite(
    .serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "curl is not installed"))
struct DocumentedRequestsTests {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What names something that a reader puts in, or that is only there later in a server's life.
    private static let placeholders = ["…", "rel_42", "job_1a2b", "@items.ndjson", "releases/rollback"]

    /// The curl commands of a document's shell blocks that can be run as they stand; a command goes on to the next that begins.
    private static func commands(_ file: String) throws -> [String] {
        let text = try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
        var commands: [String] = []
        for (number, block) in text.components(separatedBy: "```").enumerated() where number % 2 == 1 {
            guard block.hasPrefix("sh\n") else { continue }
            for line in block.split(separator: "\n").dropFirst() where !line.hasPrefix("#") {
                if line.hasPrefix("curl") {
                    commands.append(String(line))
                } else if let last = commands.indices.last,
                    line.hasPrefix(" ") || line.hasPrefix("}") || line.hasPrefix("]")
                {
                    commands[last] += "\n" + line
                }
            }
        }
        return commands.filter { command in !placeholders.contains(where: command.contains) }
    }

    @Test func theyAreAnswered() async throws {
        let (readme, reference) = (try Self.commands("README.md"), try Self.commands("Docs/api.md"))
        #expect(readme.count >= 5 && reference.count >= 15)
        try await World.with { world in
            try await world.serve(setup: .live) { client in
                let port = try #require(client.port)
                var again: String?
                for command in readme + reference {
                    if let put = again {
                        _ = try await Self.run(Self.sent(put, port))
                        await world.service.follower.follow()
                    }
                    again = nil
                    let (status, output) = try await Self.run(Self.sent(command, port))
                    #expect(status == 0, "\(command)\n\(output)")
                    // What is shown behind it goes on with the item.
                    if command.contains("DELETE"), command.contains("/items/") { again = readme[0] }
                }
            }
        }
    }

    private static func sent(_ command: String, _ port: Int) -> String {
        command.replacing("curl -s", with: "curl -sS --fail-with-body --max-time 60")
            .replacing("127.0.0.1:8080", with: "127.0.0.1:\(port)")
    }

    /// Runs a command in a shell; gives its exit code and what it printed.
    private static func run(_ command: String) async throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", command]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try await Task.detached { try output.fileHandleForReading.readToEnd() ?? Data() }.value
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
}
