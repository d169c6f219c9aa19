/// How slates are made; the `pipeline` section of the configuration. Every member has a default.
package struct PipelineSettings: Hashable, Sendable {
    /// Names the pipeline in log lines and metrics.
    package var name = "recommend"
    /// The sources in the order in which ties between them are settled.
    package var sources: [SourceSettings] = [
        SourceSettings(name: "two_tower", limit: 400, timeoutMilliseconds: 60),
        SourceSettings(name: "popular", limit: 100, timeoutMilliseconds: 20),
        SourceSettings(name: "fresh", limit: 50, timeoutMilliseconds: 20),
    ]
    /// The filters in the order in which they run.
    package var filters: [String] = ["hidden", "hidden_by_user", "excluded", "seen", "categories_any", "max_age"]
    /// What gives candidates their scores.
    package var scorer = "ranker"
    /// How mixed slates are.
    package var diversity = DiversitySettings()
    /// What of a slate is left to chance.
    package var exploration = ExplorationSettings()
    /// How many items a slate has.
    package var resultSize = ResultSize()
    /// How often sources are asked for more when a slate is short, before the whole catalog is gone through.
    package var refillRounds = 2
    /// Factors of heads that override those of the release.
    package var scoreWeights: [String: Double] = [:]
    /// Factors that go before all others, also those that are said while servers run; arms of A/B tests set them, no file.
    package var pinnedWeights: [String: Double] = [:]
    /// How long a request may take in all.
    package var timeoutMilliseconds = 400
    /// How long reading the user may take, each of attributes, history and hidden items; seen items, which are read behind them, have
    /// what is left of it and a third at least.
    package var hydrateTimeoutMilliseconds = 60
    /// How long encoding the user may take.
    package var encodeTimeoutMilliseconds = 80
    /// How long scoring may take.
    package var rankTimeoutMilliseconds = 250
    /// Steps of history read for a request.
    package var historyLimit = 200
    /// Seen items read for a request whose history does not name them all.
    package var seenLimit = 10_000
    /// Steps of histories, seen and hidden items that are kept in memory of the users asked for last, for when they cannot be read;
    /// 0: none.
    package var rememberedSteps = 500_000
    /// The attribute of items that names their creators for `followed_creators`; empty takes the item's creator.
    package var creatorAttribute = ""
    /// Share of requests whose component lines are logged at info, in 0...1.
    package var stageSampleRate = 0.01
    /// Share of requests whose trace goes to the trace sink, in 0...1.
    package var traceSampleRate = 1.0
    /// Days that traces are kept; 0: for ever.
    package var traceDays = 30
    /// Users whose requests are always logged and traced whole.
    package var debugUserIDs: [String] = []

    package init() {}
}

/// One source of candidates.
package struct SourceSettings: Hashable, Sendable, Codable {
    /// A name of the registry.
    package var name: String
    /// How many candidates it is asked for.
    package var limit: Int
    /// How long it may take; then it is left out and the answer says so.
    package var timeoutMilliseconds: Int

    package init(name: String, limit: Int, timeoutMilliseconds: Int) {
        self.name = name
        self.limit = limit
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}

/// How mixed slates are; a request may ask otherwise.
package struct DiversitySettings: Hashable, Sendable {
    /// At most so many items of one creator; 0: no cap.
    package var maxPerCreator = 0
    /// At most so many items of one category; 0: no cap.
    package var maxPerCategory = 0
    /// The k-th item of a creator (from 0) keeps `(1 - floor) * decay^k + floor` of its score; 1 changes nothing.
    package var creatorDecay = 1.0
    /// What a score keeps at least, in 0...1.
    package var creatorFloor = 0.25

    package init() {}
}

/// How many items a slate has.
package struct ResultSize: Hashable, Sendable {
    /// Where a request names no limit.
    package var `default` = 20
    /// The greatest limit of a request.
    package var max = 200

    package init() {}
}
