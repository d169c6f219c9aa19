import CascadeCore
import CascadeObservability
import Foundation
import Logging
import Testing

/// A logger whose lines can be read back; its clock stands still.
func memoryLogger(_ format: LogFormat, level: Logger.Level = .trace) -> (Logger, MemorySink) {
    let sink = MemorySink()
    let time = Timestamp(rfc3339: "2026-01-02T03:04:05.250Z") ?? .now
    let logger = Logger(label: "cascade.test") { label -> any LogHandler in
        switch format {
        case .json: JSONLogHandler(label: label, level: level, sink: sink, now: { time })
        case .text: TextLogHandler(label: label, level: level, sink: sink, now: { time })
        }
    }
    return (logger, sink)
}

/// The members of a JSON line.
func members(_ line: String) throws -> [String: Any] {
    #expect(line.hasSuffix("}\n"))
    #expect(line.count { $0 == "\n" } == 1)
    return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
}

private struct Refused: Error, CustomStringConvertible {
    var description: String { "cannot reach postgres://bob:hunter2@db/cascade" }
}

@Suite("Log lines")
struct LogHandlerTests {
    @Test("a JSON line is this text, with every value in its own type")
    func golden() {
        var (logger, sink) = memoryLogger(.json)
        logger[metadataKey: "release_id"] = "rel_1"
        logger.info(
            "start",
            metadata: [
                "count": .stringConvertible(3), "rate": .stringConvertible(0.25), "ok": .stringConvertible(true),
                "small": .stringConvertible(Float(0.1)), "nan": .stringConvertible(Double.nan),
                "names": ["a", "b\"\\\u{1}"], "sizes": ["x": .stringConvertible(UInt8(7))], "text": "1",
            ])
        let expected =
            #"{"ts":"2026-01-02T03:04:05.25Z","level":"info","msg":"start","logger":"cascade.test","#
            + #""count":3,"names":["a","b\"\\\u0001"],"nan":null,"ok":true,"rate":0.25,"release_id":"rel_1","#
            + #""sizes":{"x":7},"small":0.1,"text":"1"}"# + "\n"
        #expect(sink.lines == [expected])
    }

    @Test("the event's metadata wins, the line's own names cannot be taken, the request's name is one")
    func names() throws {
        var (logger, sink) = memoryLogger(.json)
        logger[metadataKey: "k"] = "handler"
        logger[metadataKey: "hb.request.id"] = "req-1"
        logger.warning("line\nbreak", metadata: ["k": "event", "level": "mine"])
        let line = try members(sink.lines[0])
        #expect(line["k"] as? String == "event")
        #expect(line["level"] as? String == "warning")
        #expect(line["_level"] as? String == "mine")
        #expect(line["request_id"] as? String == "req-1")
        #expect(line["msg"] as? String == "line\nbreak")
        #expect(line["hb.request.id"] == nil)
    }

    @Test("secrets stay out of both forms", arguments: LogFormat.allCases)
    func secrets(_ format: LogFormat) {
        let (logger, sink) = memoryLogger(format)
        logger.error(
            "open postgres://bob:hunter2@db/cascade", error: Refused(),
            metadata: [
                "X-API-Key": "hunter2", "db_password": "hunter2", "url": "postgres://bob:hunter2@db/x",
                "dsn": "host=db password=hunter2 user=bob", "nested": ["Authorization": "Bearer hunter2"],
            ])
        let line = sink.lines.joined()
        #expect(!line.contains("hunter2"))
        #expect(line.contains("postgres://bob:[redacted]@db"))
        #expect(line.contains("user=bob"))
    }

    @Test("a text line is for people and stays one line")
    func text() {
        let (logger, sink) = memoryLogger(.text)
        logger.notice(
            "trained\nmodel", metadata: ["loss": .stringConvertible(0.5), "note": "two words", "a": ["x": ["1", "2"]]])
        #expect(
            sink.lines == [
                "2026-01-02T03:04:05.25Z NOTICE cascade.test: trained\\nmodel a=\"{x=[1, 2]}\" loss=0.5 "
                    + "note=\"two words\"\n"
            ])
    }

    @Test("lines below the level are not written", arguments: LogFormat.allCases)
    func level(_ format: LogFormat) {
        let sink = MemorySink()
        let logger = LogSetup(format: format, level: .warning, sink: sink).logger("a")
        logger.info("no")
        logger.error("yes")
        #expect(sink.lines.count == 1)
    }

    @Test("a descriptor gets whole lines in order")
    func descriptor() throws {
        let pipe = Pipe()
        let sink = DescriptorSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        sink.write("one\n")
        sink.write("zwei ä\n")
        try pipe.fileHandleForWriting.close()
        #expect(try pipe.fileHandleForReading.readToEnd() == Data("one\nzwei ä\n".utf8))
    }
}

@Suite("Stage lines")
struct StageLogTests {
    private var request: RequestFields {
        var fields = RequestFields(requestID: "req-1", recommendationID: "rec_1", pipeline: "recommend")
        fields.userIDHash = UserIDHash(salt: 7)(UserID("bob"))
        fields.releaseID = "rel_1"
        fields.modelVersion = "rank_1"
        fields.indexVersion = "index_1"
        fields.configHash = "c0ffee"
        return fields
    }

    @Test("a component's line has these members and no others")
    func stage() throws {
        let (logger, sink) = memoryLogger(.json)
        var line = StageLine(stage: "filter", component: "seen", seq: 4)
        line.inputCount = 8
        line.keptCount = 7
        line.removedCount = 1
        line.candidateCount = 8
        line.selectedCount = 2
        line.nonSelectedCount = 5
        line.latencyMS = 1.23456
        line.cacheHits = 1
        line.cacheMisses = 2
        line.error = "late"
        StageLog(logger: logger).stage(line, of: request, sampled: true)
        let found = try members(sink.lines[0])
        #expect(
            Set(found.keys) == [
                "ts", "level", "msg", "logger", "request_id", "recommendation_id", "user_id_hash", "release_id",
                "model_version", "index_version", "config_hash", "pipeline", "stage", "component", "seq", "round",
                "enabled", "input_count", "kept_count", "removed_count", "filter_rate", "candidate_count",
                "selected_count", "non_selected_count", "latency_ms", "cache_hits", "cache_misses", "timed_out",
                "error",
            ])
        #expect(found["msg"] as? String == "stage")
        #expect(found["input_count"] as? Int == 8)
        #expect(found["filter_rate"] as? Double == 0.125)
        #expect(found["latency_ms"] as? Double == 1.235)
        #expect(found["enabled"] as? Bool == true)
        #expect(!sink.lines[0].contains("bob"))
    }

    @Test("a summary has these members and no others")
    func summary() throws {
        let (logger, sink) = memoryLogger(.json)
        var line = SummaryLine()
        line.requested = 20
        line.returnedCount = 3
        line.underfillCause = "filters"
        line.fallback = "no_history"
        line.removedPerFilter = ["seen": 12, "hidden": 1]
        line.perSource = ["two_tower": 200]
        line.disabled = ["two_tower"]
        line.stageLatencyMS = ["source": 0.5]
        line.experiment = "a"
        StageLog(logger: logger).summary(line, of: request)
        let found = try members(sink.lines[0])
        #expect(
            Set(found.keys) == [
                "ts", "level", "msg", "logger", "request_id", "recommendation_id", "user_id_hash", "release_id",
                "model_version", "index_version", "config_hash", "pipeline", "retrieved_count", "filtered_count",
                "selected_count", "returned_count", "requested", "underfilled", "underfill_cause", "fallback",
                "degraded", "removed_per_filter", "per_source", "served_per_source", "disabled", "latency_ms",
                "stage_latency_ms",
                "experiment",
            ])
        #expect(found["msg"] as? String == "pipeline_summary")
        #expect(found["underfilled"] as? Bool == true)
        #expect(found["removed_per_filter"] as? [String: Int] == ["seen": 12, "hidden": 1])
    }

    @Test("component lines are at info for sampled requests, else at debug")
    func levels() throws {
        let (logger, sink) = memoryLogger(.json, level: .info)
        let log = StageLog(logger: logger)
        let line = StageLine(stage: "source", component: "popular", seq: 0)
        #expect(log.writesStages(sampled: true))
        #expect(!log.writesStages(sampled: false))
        log.stage(line, of: request, sampled: false)
        #expect(sink.lines.isEmpty)
        log.stage(line, of: request, sampled: true)
        #expect(try members(sink.lines[0])["level"] as? String == "info")
    }

    @Test("a user's hash is always the same, and another with another salt")
    func userHash() {
        let hash = UserIDHash(salt: 1)
        #expect(hash(UserID("bob")) == hash(UserID("bob")))
        #expect(hash(UserID("bob")) != hash(UserID("eve")))
        #expect(hash(UserID("bob")) != UserIDHash(salt: 2)(UserID("bob")))
        #expect(hash(UserID("bob")).wholeMatch(of: /[0-9a-f]{16}/) != nil)
    }

    @Test("sampling takes its share, and the same requests each time")
    func sampling() {
        func taken(_ purpose: UInt64) -> [Bool] {
            (0..<20_000).map { Sampling.takes(seed: $0, rate: 0.1, purpose: purpose) }
        }
        let share = Double(taken(1).count { $0 }) / 20_000
        #expect(abs(share - 0.1) < 0.01)
        #expect(taken(1) == taken(1))
        #expect(taken(1) != taken(2))
        #expect((0..<100).allSatisfy { Sampling.takes(seed: $0, rate: 1, purpose: 1) })
        #expect(!(0..<100).contains { Sampling.takes(seed: $0, rate: 0, purpose: 1) })
    }
}
