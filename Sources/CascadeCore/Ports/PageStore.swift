/// Keeps what next pages are made from, for a while.
package protocol PageStore: Sendable {
    /// Writes pages, all of them or none; one that is there already stays as it is.
    func put(_ pages: [SlatePage]) async throws
    /// What the next page of a slate is made from; nil where nothing is kept of it.
    func page(_ recommendationID: String) async throws -> SlatePage?
}

/// Keeps and finds pages on the way of a request.
package protocol PageKeeping: Sendable {
    /// Takes a page without waiting; false where it had to be dropped, and then there is no next one.
    func offer(_ page: SlatePage) -> Bool
    /// What the next page of a slate is made from, also while it waits to be written; nil where nothing is kept of it.
    func page(_ recommendationID: String) async throws -> SlatePage?
}
