import Logging

/// What every line about one request says.
package struct RequestFields: Hashable, Sendable {
    /// Names the request; `X-Request-ID` over HTTP.
    package var requestID: String
    /// The trace over several services that the request is part of; nil for none.
    package var traceID: String?
    /// Names the slate.
    package var recommendationID: String
    /// Stands for the user; nil for an anonymous visitor.
    package var userIDHash: String?
    /// The served release; nil when none is active.
    package var releaseID: String?
    /// The ranker's version.
    package var modelVersion: String?
    /// The index's version.
    package var indexVersion: String?
    /// SHA-256 of the effective configuration.
    package var configHash: String?
    /// The version of what heads count for; nil where only settings and release say it.
    package var factorsVersion: Int?
    /// The pipeline's name.
    package var pipeline: String

    package init(requestID: String, recommendationID: String, pipeline: String) {
        self.requestID = requestID
        self.recommendationID = recommendationID
        self.pipeline = pipeline
    }

    fileprivate func add(to fields: inout FieldWriter) {
        fields.text("request_id", requestID)
        fields.text("trace_id", traceID)
        fields.text("recommendation_id", recommendationID)
        fields.text("user_id_hash", userIDHash)
        fields.text("release_id", releaseID)
        fields.text("model_version", modelVersion)
        fields.text("index_version", indexVersion)
        fields.text("config_hash", configHash)
        fields.value("factors_version", factorsVersion)
        fields.text("pipeline", pipeline)
    }
}

/// One run of one component as a log line; nil members are left out.
package struct StageLine: Hashable, Sendable {
    /// The stage, such as `post_selection_filter`.
    package var stage: String
    /// The component's name.
    package var component: String
    /// The number of the run within the request, from 0.
    package var seq: Int
    /// 0 for the first pass, then the refill rounds.
    package var round = 0
    /// Whether it took part in the request.
    package var enabled = true
    /// Candidates that went in.
    package var inputCount: Int?
    /// Candidates that a filter kept.
    package var keptCount: Int?
    /// Candidates that a filter removed.
    package var removedCount: Int?
    /// Candidates that a source brought.
    package var candidateCount: Int?
    /// Candidates that the selector chose.
    package var selectedCount: Int?
    /// Candidates that the selector passed over.
    package var nonSelectedCount: Int?
    /// Milliseconds.
    package var latencyMS = 0.0
    /// Look-ups that a cache answered.
    package var cacheHits: Int?
    /// Look-ups that a cache could not answer.
    package var cacheMisses: Int?
    /// Whether it was late and left out.
    package var timedOut = false
    /// What a source took of each interest, likeliest first.
    package var interests: [InterestLine]?
    /// Why it took no part.
    package var note: String?
    /// What went wrong.
    package var error: String?

    package init(stage: String, component: String, seq: Int) {
        self.stage = stage
        self.component = component
        self.seq = seq
    }

    func metadata(for request: RequestFields) -> Logger.Metadata {
        var fields = FieldWriter()
        request.add(to: &fields)
        fields.text("stage", stage)
        fields.text("component", component)
        fields.value("seq", seq)
        fields.value("round", round)
        fields.value("enabled", enabled)
        fields.value("input_count", inputCount)
        fields.value("kept_count", keptCount)
        fields.value("removed_count", removedCount)
        if let inputCount, let removedCount, inputCount > 0 {
            fields.value("filter_rate", FieldWriter.rounded(Double(removedCount) / Double(inputCount)))
        }
        fields.value("candidate_count", candidateCount)
        fields.value("selected_count", selectedCount)
        fields.value("non_selected_count", nonSelectedCount)
        fields.value("latency_ms", FieldWriter.rounded(latencyMS))
        fields.value("cache_hits", cacheHits)
        fields.value("cache_misses", cacheMisses)
        fields.value("timed_out", timedOut)
        fields.interests("interests", interests)
        fields.text("note", note)
        fields.text("error", error)
        return fields.metadata
    }
}

/// What a source took of one interest, as a part of its log line.
package struct InterestLine: Hashable, Sendable {
    /// The number of the interest's cluster.
    package var cluster: Int32
    /// What the cluster is called; nil for one that was found.
    package var name: String?
    /// How likely the user's next item lies in the interest.
    package var probability: Float
    /// Candidates that it was to give.
    package var quota: Int
    /// Candidates that it gave.
    package var found: Int
    /// Items of the history that lie in it, the latest first.
    package var because: [String]

    package init(cluster: Int32, name: String?, probability: Float, quota: Int, found: Int, because: [String] = []) {
        self.cluster = cluster
        self.name = name
        self.probability = probability
        self.quota = quota
        self.found = found
        self.because = because
    }
}

/// A whole request as a log line; nil members are left out.
package struct SummaryLine: Hashable, Sendable {
    /// Candidates that the sources brought, each once.
    package var retrievedCount = 0
    /// Candidates that filters removed, before and after the selection.
    package var filteredCount = 0
    /// Items that the selection chose.
    package var selectedCount = 0
    /// Items of the answer.
    package var returnedCount = 0
    /// Items that were asked for.
    package var requested = 0
    /// Why the slate is short; nil for a full one.
    package var underfillCause: String?
    /// Which fallback made the slate; nil for none.
    package var fallback: String?
    /// What was missing.
    package var degraded: [String] = []
    /// Candidates removed, by filter.
    package var removedPerFilter: [String: Int] = [:]
    /// Candidates brought, by source.
    package var perSource: [String: Int] = [:]
    /// Items of the slate, by source; one of several sources counts for each.
    package var servedPerSource: [String: Int] = [:]
    /// Components that took no part.
    package var disabled: [String] = []
    /// Milliseconds.
    package var latencyMS = 0.0
    /// Milliseconds by stage; components side by side count once.
    package var stageLatencyMS: [String: Double] = [:]
    /// The experiment that the request is part of.
    package var experiment: String?

    package init() {}

    func metadata(for request: RequestFields) -> Logger.Metadata {
        var fields = FieldWriter()
        request.add(to: &fields)
        fields.value("retrieved_count", retrievedCount)
        fields.value("filtered_count", filteredCount)
        fields.value("selected_count", selectedCount)
        fields.value("returned_count", returnedCount)
        fields.value("requested", requested)
        fields.value("underfilled", returnedCount < requested)
        fields.text("underfill_cause", underfillCause)
        fields.text("fallback", fallback)
        fields.list("degraded", degraded)
        fields.dictionary("removed_per_filter", removedPerFilter)
        fields.dictionary("per_source", perSource)
        fields.dictionary("served_per_source", servedPerSource)
        fields.list("disabled", disabled)
        fields.value("latency_ms", FieldWriter.rounded(latencyMS))
        fields.dictionary("stage_latency_ms", stageLatencyMS.mapValues { FieldWriter.rounded($0) })
        fields.text("experiment", experiment)
        return fields.metadata
    }
}

/// Gathers typed metadata; nil values are left out.
private struct FieldWriter {
    var metadata: Logger.Metadata = [:]

    mutating func text(_ key: String, _ text: String?) {
        if let text { metadata[key] = .string(text) }
    }

    mutating func value<Value: CustomStringConvertible & Sendable>(_ key: String, _ value: Value?) {
        if let value { metadata[key] = .stringConvertible(value) }
    }

    mutating func list(_ key: String, _ values: [String]) {
        metadata[key] = .array(values.map { .string($0) })
    }

    mutating func interests(_ key: String, _ lines: [InterestLine]?) {
        guard let lines else { return }
        metadata[key] = .array(
            lines.map { line in
                var fields = FieldWriter()
                fields.value("cluster", line.cluster)
                fields.text("name", line.name)
                fields.value("probability", Self.rounded(Double(line.probability)))
                fields.value("quota", line.quota)
                fields.value("found", line.found)
                fields.list("because", line.because)
                return .dictionary(fields.metadata)
            })
    }

    mutating func dictionary<Value: CustomStringConvertible & Sendable>(_ key: String, _ values: [String: Value]) {
        metadata[key] = .dictionary(values.mapValues { .stringConvertible($0) })
    }

    /// To three places: a microsecond of a millisecond is finer than anybody reads.
    static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
