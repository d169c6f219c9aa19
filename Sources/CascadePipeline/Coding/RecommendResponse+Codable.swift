import CascadeCore

extension RecommendResponse: Codable {
    private enum CodingKeys: String, CodingKey {
        case recommendationID = "recommendation_id"
        case userID = "user_id"
        case releaseID = "release_id"
        case generatedAt = "generated_at"
        case items, fallback, underfilled, degraded
        case timingsMS = "timings_ms"
        case experiment, next, trace
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(recommendationID, forKey: .recommendationID)
        try container.encode(userID?.rawValue, forKey: .userID)
        try container.encode(releaseID, forKey: .releaseID)
        try container.encode(generatedAt.rfc3339, forKey: .generatedAt)
        try container.encode(items, forKey: .items)
        try container.encode(fallback, forKey: .fallback)
        try container.encode(underfilled, forKey: .underfilled)
        try container.encode(degraded, forKey: .degraded)
        try container.encode(timingsMS, forKey: .timingsMS)
        try container.encodeIfPresent(experiment, forKey: .experiment)
        try container.encodeIfPresent(next, forKey: .next)
        try container.encodeIfPresent(trace, forKey: .trace)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            recommendationID: try container.decode(String.self, forKey: .recommendationID),
            userID: try container.decodeIfPresent(String.self, forKey: .userID).map { UserID($0) },
            releaseID: try container.decodeIfPresent(String.self, forKey: .releaseID),
            generatedAt: try container.decodeTimestamp(forKey: .generatedAt),
            items: try container.decode([RecommendedItem].self, forKey: .items),
            fallback: try container.decode(Fallback.self, forKey: .fallback),
            underfilled: try container.decode(Underfilled.self, forKey: .underfilled),
            degraded: try container.decode([Degradation].self, forKey: .degraded),
            timingsMS: try container.decode(Timings.self, forKey: .timingsMS),
            experiment: try container.decodeIfPresent([String: String].self, forKey: .experiment),
            next: try container.decodeIfPresent(String.self, forKey: .next),
            trace: try container.decodeIfPresent(PipelineTrace.self, forKey: .trace))
    }
}

extension RecommendResponse.Fallback: Codable {
    private enum CodingKeys: String, CodingKey { case used, reason }

    /// Writes the reason as null where there is none, so that the member is always there.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(used, forKey: .used)
        try container.encode(reason, forKey: .reason)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(reason: try container.decodeIfPresent(FallbackReason.self, forKey: .reason))
    }
}

extension RecommendResponse.Underfilled: Codable {
    private enum CodingKeys: String, CodingKey { case requested, returned, cause }

    /// Writes the cause as null where there is none, so that the member is always there.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(requested, forKey: .requested)
        try container.encode(returned, forKey: .returned)
        try container.encode(cause, forKey: .cause)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            requested: try container.decode(Int.self, forKey: .requested),
            returned: try container.decode(Int.self, forKey: .returned),
            cause: try container.decodeIfPresent(UnderfillCause.self, forKey: .cause))
    }
}

extension RecommendedItem: Codable {
    private enum CodingKeys: String, CodingKey {
        case itemID = "item_id"
        case position, score, heads, sources, propensity, reasons, attributes
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(itemID.rawValue, forKey: .itemID)
        try container.encode(position, forKey: .position)
        try container.encodeIfPresent(score, forKey: .score)
        try container.encodeIfPresent(heads, forKey: .heads)
        try container.encodeIfPresent(sources, forKey: .sources)
        try container.encodeIfPresent(propensity, forKey: .propensity)
        try container.encodeIfPresent(reasons, forKey: .reasons)
        try container.encodeIfPresent(attributes.map { ItemAttributes($0) }, forKey: .attributes)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let id = ItemID(try container.decode(String.self, forKey: .itemID))
        self.init(
            itemID: id,
            position: try container.decode(Int.self, forKey: .position),
            score: try container.decodeIfPresent(Double.self, forKey: .score),
            heads: try container.decodeIfPresent([String: Float].self, forKey: .heads),
            sources: try container.decodeIfPresent([SourceMark].self, forKey: .sources),
            propensity: try container.decodeIfPresent(Double.self, forKey: .propensity),
            reasons: try container.decodeIfPresent([Reason].self, forKey: .reasons),
            attributes: try container.decodeIfPresent(ItemAttributes.self, forKey: .attributes)?.item(id))
    }
}

extension KeyedDecodingContainer {
    /// Reads RFC 3339 text.
    func decodeTimestamp(forKey key: Key) throws -> Timestamp {
        let text = try decode(String.self, forKey: key)
        guard let time = Timestamp(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "'\(text)' is no RFC 3339 time")
        }
        return time
    }
}
