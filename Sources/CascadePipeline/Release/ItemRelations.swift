package import CascadeCore

/// How the items of a release stand to each other and to those who made them; rows are those of its catalog.
package protocol ItemRelations: Sendable {
    /// The feedback that co-occurrence counts and that makes an item of a history worth starting from; nil where the
    /// release knows no feedback.
    var positiveSignal: String? { get }

    /// The rows that users took together with the item at `row`, best first; none for a row that nobody took.
    func together(with row: Int32) -> [ScoredRow]

    /// The rows whose vectors are nearest to that of the item at `row`, best first, never `row` itself: `wish.limit` of
    /// those that the wish admits and that are neither hidden, deleted nor replaced, or all of them where they are fewer.
    /// *Computes*, see `ReleaseView`.
    func nearest(to row: Int32, _ wish: RetrievalWish, cancellation: ComputePool.Cancellation) throws -> [ScoredRow]

    /// The first `limit` rows that a creator made and that the release may show, newest first; those without a time come
    /// last. *Computes.*
    func newest(by creator: String, limit: Int) -> [Int32]
}
