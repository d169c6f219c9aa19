import Foundation
import Testing

@testable import CascadePostgres

@Suite struct ToolRunnerTests {
    @Test func aProgramInheritsNoDescriptorAndReportsItsEnd() throws {
        // Open in this process, and not marked to be closed.
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let outcome = try ToolRunner.run(["sh", "-c", "ls /proc/self/fd; pwd; exit 3"], directory: "/usr")
        // The fourth is ls's own, for the directory that it lists.
        #expect(outcome.output == "0\n1\n2\n3\n/usr\n")
        #expect(outcome.status == 3)
        #expect(try ToolRunner.run(["sh", "-c", "kill -9 $$"]).status == 137)
        #expect(throws: PostgresError.self) { try ToolRunner.run(["/no/such/program"]) }
        #expect(throws: PostgresError.cluster(.toolFailed(tool: "sh", status: 1, output: "a | b"))) {
            try ToolRunner.check(["sh", "-c", "echo a; echo b >&2; exit 1"], tool: "sh")
        }
    }
}
