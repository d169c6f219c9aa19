import CascadeCore
import CascadePipeline

/// The answer of `GET /v1/items/{item_id}/similar`.
enum SimilarItemsDocument {
    static func json(of answer: SimilarItemsAnswer) -> JSONValue {
        [
            "item_id": .string(answer.itemID.rawValue),
            "release_id": .string(answer.releaseID),
            "by": .string(answer.by.rawValue),
            "items": .array(
                answer.items.enumerated().map { position, item in
                    [
                        "item_id": .string(item.itemID.rawValue), "position": .integer(position),
                        "score": .single(item.score),
                        "sources": .array(item.sources.map(RecommendationDocument.json)),
                    ]
                }),
            "degraded": .array(answer.degraded.map { .string($0.rawValue) }),
        ]
    }
}
