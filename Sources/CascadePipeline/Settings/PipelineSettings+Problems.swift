extension PipelineSettings {
    /// Everything that is wrong with the settings, each naming its key; empty when a pipeline can be made of them.
    package func problems() -> [String] {
        nameProblems() + numberProblems() + diversity.problems() + exploration.problems()
    }

    private func nameProblems() -> [String] {
        var problems: [String] = []
        if name.isEmpty { problems.append("name: must not be empty") }
        if sources.isEmpty { problems.append("sources: at least one is needed") }
        problems += Self.unknown(
            sources.map(\.name), among: ComponentRegistry.sources.keys, key: "sources", what: "source")
        problems += Self.unknown(filters, among: ComponentRegistry.filters.keys, key: "filters", what: "filter")
        problems += Self.unknown([scorer], among: ComponentRegistry.scorers.keys, key: "scorer", what: "scorer")
        problems += Self.repeated(sources.map(\.name), key: "sources") + Self.repeated(filters, key: "filters")
        for filter in ComponentRegistry.requiredFilters where !filters.contains(filter) {
            problems.append("filters: '\(filter)' must be listed, for requests and the catalog rely on it")
        }
        return problems
    }

    private func numberProblems() -> [String] {
        var problems: [String] = []
        for source in sources {
            problems += Self.outside(source.limit, 1...100_000, "sources.\(source.name).limit")
            problems += Self.outside(source.timeoutMilliseconds, 1...600_000, "sources.\(source.name).timeout_ms")
        }
        problems += Self.outside(resultSize.max, 1...10_000, "result_size.max")
        if !(1...max(1, resultSize.max)).contains(resultSize.default) {
            problems.append(
                "result_size.default: \(resultSize.default) is not from 1 to result_size.max, \(resultSize.max)")
        }
        problems += Self.outside(refillRounds, 0...10, "refill_rounds")
        problems += Self.outside(timeoutMilliseconds, 1...600_000, "timeout_ms")
        problems += Self.outside(hydrateTimeoutMilliseconds, 1...600_000, "hydrate_timeout_ms")
        problems += Self.outside(encodeTimeoutMilliseconds, 1...600_000, "encode_timeout_ms")
        problems += Self.outside(rankTimeoutMilliseconds, 1...600_000, "rank_timeout_ms")
        problems += Self.outside(historyLimit, 0...100_000, "history_limit")
        problems += Self.outside(seenLimit, 0...1_000_000, "seen_limit")
        problems += Self.outside(rememberedSteps, 0...1_000_000_000, "remembered_steps")
        problems += Self.outside(traceDays, 0...36_500, "trace_days")
        for (key, rate) in [("stage_sample_rate", stageSampleRate), ("trace_sample_rate", traceSampleRate)]
        where !(0...1).contains(rate) {
            problems.append("\(key): \(rate) is not from 0 to 1")
        }
        for (head, weight) in scoreWeights.merging(pinnedWeights, uniquingKeysWith: { $1 }).sorted(by: {
            $0.key < $1.key
        }) where !weight.isFinite {
            problems.append("score_weights.\(head): \(weight) is not a number")
        }
        return problems
    }

    private static func unknown(
        _ names: [String], among known: some Collection<String>, key: String, what: String
    ) -> [String] {
        names.filter { !known.contains($0) }.map {
            "\(key): there is no \(what) '\($0)'; there are \(known.sorted().joined(separator: ", "))"
        }
    }

    private static func repeated(_ names: [String], key: String) -> [String] {
        let counts = Dictionary(grouping: names, by: { $0 }).filter { $0.value.count > 1 }
        return counts.keys.sorted().map { "\(key): '\($0)' is listed more than once" }
    }

    private static func outside(_ value: Int, _ allowed: ClosedRange<Int>, _ key: String) -> [String] {
        allowed.contains(value)
            ? [] : ["\(key): \(value) is not from \(allowed.lowerBound) to \(allowed.upperBound)"]
    }

    /// Problems with the weights once the heads of a release are known: a name that no head has does nothing, which is
    /// most often a slip of the pen.
    package func problems(withHeads heads: [String]) -> [String] {
        scoreWeights.keys.filter { !heads.contains($0) }.sorted().map {
            "score_weights: the ranker has no head '\($0)'; it has \(heads.sorted().joined(separator: ", "))"
        }
    }
}

extension DiversitySettings {
    fileprivate func problems() -> [String] {
        var problems: [String] = []
        for (key, cap) in [("max_per_creator", maxPerCreator), ("max_per_category", maxPerCategory)] where cap < 0 {
            problems.append("diversity.\(key): \(cap) is below 0 (0: no cap)")
        }
        for (key, value) in [("creator_decay", creatorDecay), ("creator_floor", creatorFloor)]
        where !(0...1).contains(value) {
            problems.append("diversity.\(key): \(value) is not from 0 to 1")
        }
        return problems
    }
}
