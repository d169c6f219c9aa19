import CascadePipeline
import Foundation

/// Traces and what is made of them; large and asked for by people only, so their Codable form serves.
enum TraceDocument {
    static func json(of value: some Encodable) throws -> JSONValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try JSONParser.parse(Array(try encoder.encode(value)))
    }

    /// The body of `GET /v1/recommendations/{recommendation_id}/explain`: of one item, or without `explanation` of the whole slate.
    static func json(explaining trace: PipelineTrace, by explanation: Explanation? = nil) throws -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("recommendation_id", .string(trace.recommendationID)), .init("user_id", .text(trace.userID)),
            .init("release_id", .text(trace.release?.releaseID)), .init("generated_at", .string(trace.generatedAt)),
        ]
        if let explanation {
            members += [
                .init("item_id", .string(explanation.itemID)), .init("verdict", .string(explanation.verdict.rawValue)),
                .init("detail", .string(explanation.detail)),
                .init("candidate", try explanation.candidate.map { try json(of: $0) } ?? .null),
                .init("recomputed", try explanation.recomputed.map { try json(of: $0) } ?? .null),
            ]
        } else {
            members.append(.init("trace", try json(of: trace)))
        }
        return .object(members)
    }
}
