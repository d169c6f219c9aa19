import CascadeCore
import CascadePipeline
import Synchronization

/// Answers with two fixed items and keeps what it was asked.
final class StubSimilarItems: SimilarItemsProviding {
    private let asked = Mutex<[SimilarItemsRequest]>([])
    private let failure: SimilarItemsError?

    init(failure: SimilarItemsError? = nil) { self.failure = failure }

    /// The requests so far.
    var requests: [SimilarItemsRequest] { asked.withLock { $0 } }

    func similar(_ request: SimilarItemsRequest) async throws -> SimilarItemsAnswer {
        asked.withLock { $0.append(request) }
        if let failure { throw failure }
        return SimilarItemsAnswer(
            itemID: request.itemID, releaseID: "rel_42", by: request.by,
            items: [
                SimilarItem(
                    itemID: ItemID("b/1"), score: 0.5,
                    sources: [
                        SourceMark(name: "cooccurrence", rank: 0, score: 0.25),
                        SourceMark(name: "tower", rank: 3, score: 0.75),
                    ]),
                SimilarItem(
                    itemID: ItemID("c"), score: 0.25, sources: [SourceMark(name: "tower", rank: 0, score: 0.875)]),
            ], degraded: [.liveStateUnavailable])
    }
}
