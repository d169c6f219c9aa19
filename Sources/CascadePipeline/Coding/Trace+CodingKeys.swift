extension PipelineTrace {
    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case recommendationID = "recommendation_id"
        case userID = "user_id"
        case generatedAt = "generated_at"
        case pipeline, release, experiment, context, requested, returned, fallback
        case sessionEvents = "session_events"
        case underfillCause = "underfill_cause"
        case degraded
        case refillRounds = "refill_rounds"
        case heads, weights
        case factorsVersion = "factors_version"
        case diversity, exploration
        case excludedBeforeRetrieval = "excluded_before_retrieval"
        case latencyMS = "latency_ms"
        case stages, candidates
    }
}

extension PipelineTrace {
    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            requestID: try members.decode(String.self, forKey: .requestID),
            recommendationID: try members.decode(String.self, forKey: .recommendationID),
            userID: try members.decodeIfPresent(String.self, forKey: .userID),
            generatedAt: try members.decode(String.self, forKey: .generatedAt),
            pipeline: try members.decode(String.self, forKey: .pipeline),
            release: try members.decodeIfPresent(ReleaseStamp.self, forKey: .release),
            experiment: try members.decodeIfPresent([String: String].self, forKey: .experiment),
            context: try members.decode([String: String].self, forKey: .context),
            sessionEvents: try members.decodeIfPresent(Int.self, forKey: .sessionEvents),
            requested: try members.decode(Int.self, forKey: .requested),
            returned: try members.decode(Int.self, forKey: .returned),
            fallback: try members.decodeIfPresent(FallbackReason.self, forKey: .fallback),
            underfillCause: try members.decodeIfPresent(UnderfillCause.self, forKey: .underfillCause),
            degraded: try members.decode([Degradation].self, forKey: .degraded),
            refillRounds: try members.decode(Int.self, forKey: .refillRounds),
            heads: try members.decodeIfPresent([String].self, forKey: .heads),
            weights: try members.decode([String: Double].self, forKey: .weights),
            factorsVersion: try members.decodeIfPresent(Int.self, forKey: .factorsVersion),
            diversity: try members.decodeIfPresent(DiversitySettings.self, forKey: .diversity),
            exploration: try members.decodeIfPresent(ExplorationTrace.self, forKey: .exploration),
            excludedBeforeRetrieval: try members.decode([String: Int].self, forKey: .excludedBeforeRetrieval),
            latencyMS: try members.decode(Double.self, forKey: .latencyMS),
            stages: try members.decode([StageReport].self, forKey: .stages),
            candidates: try members.decode(TracedCandidates.self, forKey: .candidates).candidates)
    }
}

extension ReleaseStamp {
    enum CodingKeys: String, CodingKey {
        case releaseID = "release_id"
        case retrievalVersion = "retrieval_version"
        case rankerVersion = "model_version"
        case indexVersion = "index_version"
        case configHash = "config_hash"
    }
}

extension CandidateTrace {
    enum CodingKeys: String, CodingKey {
        case itemID = "item_id"
        case row, creator, categories
        case sources
        case retrievalScore = "retrieval_score"
        case heads
        case weightedScore = "weighted_score"
        case diversityMultiplier = "diversity_multiplier"
        case finalScore = "final_score"
        case position
        case removedBy = "removed_by"
        case removedStage = "removed_stage"
        case propensity
    }
}

extension StageReport {
    enum CodingKeys: String, CodingKey {
        case seq, stage, component, round, enabled
        case inputCount = "input_count"
        case keptCount = "kept_count"
        case removedCount = "removed_count"
        case candidateCount = "candidate_count"
        case selectedCount = "selected_count"
        case nonSelectedCount = "non_selected_count"
        case latencyMS = "latency_ms"
        case timedOut = "timed_out"
        case interests, note, error
    }
}
