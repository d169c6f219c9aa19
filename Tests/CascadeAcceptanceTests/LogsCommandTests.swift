import ArgumentParser
import CascadeObservability
import CascadeTestSupport
import Foundation
import Logging
import Testing

@testable import cascade

@Suite struct LogsCommandTests {
    /// A summary line as the pipeline writes it.
    private func line(_ id: String, _ milliseconds: Double, pipeline: String = "recommend") -> String {
        let sink = MemorySink()
        var fields = RequestFields(requestID: id, recommendationID: "rec", pipeline: pipeline)
        fields.userIDHash = "h"
        var line = SummaryLine()
        line.latencyMS = milliseconds
        line.removedPerFilter = ["seen": 9, "hidden": 1]
        line.perSource = ["two_tower": 30, "popular": 10]
        line.servedPerSource = ["two_tower": 8, "popular": 4]
        line.stageLatencyMS = ["scorer": milliseconds * 0.75, "source": milliseconds * 0.25]
        line.fallback = milliseconds > 50 ? "ranker_error" : nil
        line.degraded = milliseconds > 50 ? ["ranker_timeout"] : []
        StageLog(logger: LogSetup(format: .json, level: .info, sink: sink).logger("t")).summary(line, of: fields)
        return sink.lines.joined()
    }

    @Test func theUsualQuestionsAreAnswered() throws {
        var text = (1...100).map { line("req_\($0)", Double($0)) }.joined()
        text += line("ranked", 7, pipeline: "rank")
        text += "Fatal error: not a line of ours\n\n"
        text += #"{"msg":"request","status":429,"method":"GET","route":"/v1/pipeline"}"# + "\n"
        text +=
            #"{"msg":"stage","stage":"scorer","component":"ranker","enabled":true,"latency_ms":40,"timed_out":true}"#
        let whole = text
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("serve.log")
            try Data(whole.utf8).write(to: file)
            let summary = try LogsCommand.parse([file.path, "--slowest", "2"]).summary()
            #expect(summary.lines == 104 && summary.foreign == 1)
            #expect(summary.requests["recommend"]?.values.count == 100)
            #expect(summary.slow.map(\.requestID) == ["req_100", "req_99"])
            let lines = LogSummaryText.lines(summary)
            func row(_ name: String) -> String { lines.first { $0.hasPrefix(name + " ") } ?? "" }
            #expect(row("recommend").contains("100 requests; p50 51.0, p95 96.0, p99 100.0, longest 100.0 ms"))
            #expect(row("filters").contains("seen 909 (90 %), hidden 101 (10 %)"))
            #expect(
                lines.contains {
                    $0.contains("items of slates") && $0.contains("two_tower 808 (67 %), popular 404 (33 %)")
                })
            #expect(row("stage").contains("scorer: 75 % of the time"))
            #expect(row("component").contains("scorer ranker: 1 runs") && row("component").contains("1 late"))
            #expect(row("fallbacks").contains("ranker_error 50") && row("degraded").contains("ranker_timeout 50"))
            #expect(row("refused").contains("429 GET /v1/pipeline 1"))
            #expect(row("slow").contains("req_100: 100.0 ms (scorer 75.0, source 25.0)"))
        }
    }

    @Test func anEmptyLogSaysSo() throws {
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("empty.log")
            try Data().write(to: file)
            let lines = LogSummaryText.lines(try LogsCommand.parse([file.path]).summary())
            #expect(lines.contains { $0.contains("there is no line pipeline_summary") })
            #expect(throws: CommandFailure.self) {
                try LogsCommand.parse([file.path + ".none"]).summary()
            }
        }
    }

    /// Lines longer than a piece that is read at once stay whole.
    @Test func longLinesAreRead() throws {
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("long.log")
            let long = #"{"msg":"\#(String(repeating: "é", count: 900_000))"}"#
            try Data([long, long, "x"].joined(separator: "\n").utf8).write(to: file)
            let summary = try LogsCommand.parse([file.path]).summary()
            #expect(summary.lines == 3 && summary.foreign == 1)
        }
    }
}
