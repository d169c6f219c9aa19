import CascadeCore
import CascadePipeline

/// Keeps what the next page of a slate is made from, and finds it again.
///
/// Nothing is written while a request waits: a page is offered to a bounded queue, and where that is full the answer names no
/// next page.
struct SlatePager: Sendable {
    /// The most items that the pages of one slate show.
    static let maximumShown = 2000
    /// Seconds within which a page that another server made may not have been written yet.
    static let writeDelay = 10.0
    /// How often, and after what pause, such a page is looked for again.
    private static let tries = 10
    private static let pause = Duration.milliseconds(50)

    let pages: any PageKeeping
    /// Seconds for which there is a next page; 0: there is none.
    let lifetime: Int
    let now: @Sendable () -> Timestamp

    /// Where the page after `response` is; nil where there is none.
    func keep(_ request: RecommendRequest, _ response: RecommendResponse) -> String? {
        guard lifetime > 0, !response.items.isEmpty else { return nil }
        // Nothing is left that might be shown.
        if let cause = response.underfilled.cause, cause == .catalogExhausted || cause == .filters { return nil }
        let shown = request.shownBefore + response.items.map(\.itemID)
        guard shown.count < Self.maximumShown else { return nil }
        let page = SlatePage(
            recommendationID: response.recommendationID, userID: request.userID, createdAt: response.generatedAt,
            requestJSON: String(decoding: JSONWriter.bytes(of: request.body), as: UTF8.self), shown: shown)
        return pages.offer(page) ? "/v1/recommendations/\(response.recommendationID)/next" : nil
    }

    /// The request for the page after the one of that identifier.
    ///
    /// One that may be on its way from another server is waited for, half a second at most.
    ///
    /// - Throws: `RequestFailure` with `notFound` or `gone`.
    func next(after id: String) async throws -> RecommendRequest {
        guard let page = try await page(after: id) else { throw absence(of: id) }
        guard age(of: page.createdAt) <= Double(lifetime) else { throw Self.gone(id, lifetime) }
        let problems = Problems()
        var request = RecommendRequest(ObjectReader(try JSONParser.parse(page.requestJSON), problems: problems))
        try problems.check()
        request.shownBefore = page.shown
        return request
    }

    private func page(after id: String) async throws -> SlatePage? {
        if let page = try await pages.page(id) { return page }
        guard lifetime > 0, let time = TimeSortedID.time(of: id, prefix: "rec_"), abs(age(of: time)) <= Self.writeDelay
        else { return nil }
        for _ in 0..<Self.tries {
            try await Task.sleep(for: Self.pause)
            if let page = try await pages.page(id) { return page }
        }
        return nil
    }

    /// An identifier tells when it was made, so also one that nothing is kept of any more is known to be too old.
    private func absence(of id: String) -> RequestFailure {
        guard lifetime > 0 else {
            return RequestFailure(.notFound, "this server gives no next pages (`server.next_page_seconds` is 0)")
        }
        guard let time = TimeSortedID.time(of: id, prefix: "rec_") else { return Self.missing(id) }
        let age = age(of: time)
        if age > Double(lifetime) { return Self.gone(id, lifetime) }
        return Self.missing(id)
    }

    private func age(of time: Timestamp) -> Double { now().seconds - time.seconds }

    private static func missing(_ id: String) -> RequestFailure {
        RequestFailure(.notFound, "there is no next page of '\(id)'; take the `next` of an answer")
    }

    private static func gone(_ id: String, _ lifetime: Int) -> RequestFailure {
        RequestFailure(
            .gone,
            "the next page of '\(id)' was there for \(lifetime) seconds (`server.next_page_seconds`); ask for a new slate"
        )
    }
}
