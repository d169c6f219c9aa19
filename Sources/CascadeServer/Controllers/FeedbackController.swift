import CascadeCore
import Hummingbird

/// `POST /v1/events` and `POST /v1/impressions`: rows are taken or refused each on its own.
struct FeedbackController: Sendable {
    /// The greatest number of elements of a batch.
    static let maximumRows = 500

    let feedback: any FeedbackStore
    /// Event types that are taken; nil takes any.
    let eventTypes: Set<String>?
    let metrics: HTTPMetrics
    let now: @Sendable () -> Timestamp

    init(
        feedback: any FeedbackStore, types: [String], metrics: HTTPMetrics, now: @escaping @Sendable () -> Timestamp
    ) {
        self.feedback = feedback
        eventTypes = types.isEmpty ? nil : Set(types)
        self.metrics = metrics
        self.now = now
    }

    func postEvents(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let now = now()
        let rows = try rows("events", of: call)
        var outcome = BatchOutcome()
        var events: [Event] = []
        for (index, row) in rows.enumerated() {
            let problems = Problems()
            if let event = EventDocument.event(row.value, at: row.pointer, problems, types: eventTypes, now: now) {
                events.append(event)
            } else {
                outcome.reject(index, problems.list)
            }
        }
        let result = events.isEmpty ? AppendResult() : try await feedback.append(events)
        metrics.ingested(types: events.map(\.type), duplicates: result.duplicates, rejected: outcome.rejected)
        return .json(outcome.json(result))
    }

    func postImpressions(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let now = now()
        var outcome = BatchOutcome()
        var impressions: [Impression] = []
        for (index, row) in try rows("impressions", of: call).enumerated() {
            let problems = Problems()
            if let list = EventDocument.impressions(row.value, at: row.pointer, problems, now: now) {
                impressions += list
            } else {
                outcome.reject(index, rows: Self.itemCount(row.value), problems.list)
            }
        }
        let result = impressions.isEmpty ? AppendResult() : try await feedback.append(impressions)
        return .json(outcome.json(result))
    }

    private func rows(_ name: String, of call: Call) throws -> [(pointer: String, value: JSONValue)] {
        let problems = Problems()
        let reader = try call.object(problems)
        let rows = reader.elements(name, required: true, count: 1...Self.maximumRows)
        reader.refuseUnknown()
        try problems.check()
        return rows ?? []
    }

    /// How many rows a refused list stands for: its items, and at least itself.
    private static func itemCount(_ list: JSONValue) -> Int {
        guard case .array(let items) = list["items"] else { return 1 }
        return max(1, items.count)
    }
}
