import CascadeConfig
import Foundation
import Testing

@Suite struct YAMLPartTests {
    private struct Settings: Codable, Equatable {
        var size = 1
        var name = "x"
    }

    @discardableResult
    private func part<Result>(_ text: String, _ body: (YAMLPart) throws -> Result) throws -> Result {
        let path = NSTemporaryDirectory() + "part-\(UUID().uuidString).yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(try YAMLPart(path: path))
    }

    @Test func partsAreReadOneAfterAnother() throws {
        try part("size: 3\nruns:\n  - {name: a}\n  - {size: 7}\nempty:\n") { file in
            #expect(try file.without("runs", "empty").decode(over: Settings()) == Settings(size: 3, name: "x"))
            let runs = try file.list("runs").map { try $0.decode(over: Settings()) }
            #expect(runs == [Settings(size: 1, name: "a"), Settings(size: 7, name: "x")])
            #expect(file.part("empty") == nil && file.part("absent") == nil)
            #expect(try file.list("absent").isEmpty)
        }
    }

    @Test func errorsKeepTheLineOfTheFile() throws {
        try part("size: 3\nruns:\n  - name: a\n    sise: 4\n") { file in
            let run = try file.list("runs")[0]
            #expect { try run.decode(over: Settings()) } throws: { "\($0)".contains(":4") && "\($0)".contains("sise") }
        }
        try part("runs: 5\n") { file in
            #expect { try file.list("runs") } throws: { "\($0)".contains("list") }
        }
    }
}
