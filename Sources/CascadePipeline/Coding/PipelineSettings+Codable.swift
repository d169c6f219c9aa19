extension SourceSettings {
    enum CodingKeys: String, CodingKey {
        case name, limit
        case timeoutMilliseconds = "timeout_ms"
    }
}

extension PipelineSettings: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, sources, filters, scorer, diversity, exploration
        case resultSize = "result_size"
        case refillRounds = "refill_rounds"
        case scoreWeights = "score_weights"
        case timeoutMilliseconds = "timeout_ms"
        case hydrateTimeoutMilliseconds = "hydrate_timeout_ms"
        case encodeTimeoutMilliseconds = "encode_timeout_ms"
        case rankTimeoutMilliseconds = "rank_timeout_ms"
        case historyLimit = "history_limit"
        case seenLimit = "seen_limit"
        case rememberedSteps = "remembered_steps"
        case creatorAttribute = "creator_attribute"
        case stageSampleRate = "stage_sample_rate"
        case traceSampleRate = "trace_sample_rate"
        case traceDays = "trace_days"
        case debugUserIDs = "debug_user_ids"
    }

    /// Reads what is there; an absent key keeps its default.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        try container.read(&name, .name)
        try container.read(&sources, .sources)
        try container.read(&filters, .filters)
        try container.read(&scorer, .scorer)
        try container.read(&diversity, .diversity)
        try container.read(&exploration, .exploration)
        try container.read(&resultSize, .resultSize)
        try container.read(&refillRounds, .refillRounds)
        try container.read(&scoreWeights, .scoreWeights)
        try container.read(&timeoutMilliseconds, .timeoutMilliseconds)
        try container.read(&hydrateTimeoutMilliseconds, .hydrateTimeoutMilliseconds)
        try container.read(&encodeTimeoutMilliseconds, .encodeTimeoutMilliseconds)
        try container.read(&rankTimeoutMilliseconds, .rankTimeoutMilliseconds)
        try container.read(&historyLimit, .historyLimit)
        try container.read(&seenLimit, .seenLimit)
        try container.read(&rememberedSteps, .rememberedSteps)
        try container.read(&creatorAttribute, .creatorAttribute)
        try container.read(&stageSampleRate, .stageSampleRate)
        try container.read(&traceSampleRate, .traceSampleRate)
        try container.read(&traceDays, .traceDays)
        try container.read(&debugUserIDs, .debugUserIDs)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(sources, forKey: .sources)
        try container.encode(filters, forKey: .filters)
        try container.encode(scorer, forKey: .scorer)
        try container.encode(diversity, forKey: .diversity)
        try container.encode(exploration, forKey: .exploration)
        try container.encode(resultSize, forKey: .resultSize)
        try container.encode(refillRounds, forKey: .refillRounds)
        try container.encode(scoreWeights, forKey: .scoreWeights)
        try container.encode(timeoutMilliseconds, forKey: .timeoutMilliseconds)
        try container.encode(hydrateTimeoutMilliseconds, forKey: .hydrateTimeoutMilliseconds)
        try container.encode(encodeTimeoutMilliseconds, forKey: .encodeTimeoutMilliseconds)
        try container.encode(rankTimeoutMilliseconds, forKey: .rankTimeoutMilliseconds)
        try container.encode(historyLimit, forKey: .historyLimit)
        try container.encode(seenLimit, forKey: .seenLimit)
        try container.encode(rememberedSteps, forKey: .rememberedSteps)
        try container.encode(creatorAttribute, forKey: .creatorAttribute)
        try container.encode(stageSampleRate, forKey: .stageSampleRate)
        try container.encode(traceSampleRate, forKey: .traceSampleRate)
        try container.encode(traceDays, forKey: .traceDays)
        try container.encode(debugUserIDs, forKey: .debugUserIDs)
    }
}

extension DiversitySettings: Codable {
    private enum CodingKeys: String, CodingKey {
        case maxPerCreator = "max_per_creator"
        case maxPerCategory = "max_per_category"
        case creatorDecay = "creator_decay"
        case creatorFloor = "creator_floor"
    }

    /// Reads what is there; an absent key keeps its default.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        try container.read(&maxPerCreator, .maxPerCreator)
        try container.read(&maxPerCategory, .maxPerCategory)
        try container.read(&creatorDecay, .creatorDecay)
        try container.read(&creatorFloor, .creatorFloor)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(maxPerCreator, forKey: .maxPerCreator)
        try container.encode(maxPerCategory, forKey: .maxPerCategory)
        try container.encode(creatorDecay, forKey: .creatorDecay)
        try container.encode(creatorFloor, forKey: .creatorFloor)
    }
}

extension ResultSize: Codable {
    private enum CodingKeys: String, CodingKey { case `default`, max }

    /// Reads what is there; an absent key keeps its default.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        try container.read(&`default`, .default)
        try container.read(&max, .max)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(`default`, forKey: .default)
        try container.encode(max, forKey: .max)
    }
}

extension KeyedDecodingContainer {
    /// Overwrites `value` with what the key holds, where it is there.
    fileprivate func read<Value: Decodable>(_ value: inout Value, _ key: Key) throws {
        if let found = try decodeIfPresent(Value.self, forKey: key) { value = found }
    }
}
