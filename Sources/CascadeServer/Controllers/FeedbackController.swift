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

    func postEvents(_ call: Call) async throws -> Response {
        let now = now()
        let batch = try Batch(of: call, "events", maximum: Self.maximumRows)
        let (events, outcome) = batch.read { value, pointer, problems in
            EventDocument.event(value, at: pointer, problems, types: eventTypes, now: now)
        }
        let result = events.isEmpty ? AppendResult() : try await feedback.append(events)
        metrics.ingested(types: events.map(\.type), duplicates: result.duplicates, rejected: outcome.rejected)
        return .json(outcome.json(result))
    }

    func postImpressions(_ call: Call) async throws -> Response {
        let now = now()
        let batch = try Batch(of: call, "impressions", maximum: Self.maximumRows)
        let (lists, outcome) = batch.read(weight: Self.itemCount) { value, pointer, problems in
            EventDocument.impressions(value, at: pointer, problems, now: now)
        }
        let impressions = lists.flatMap(\.self)
        let result = impressions.isEmpty ? AppendResult() : try await feedback.append(impressions)
        return .json(outcome.json(result))
    }

    /// How many rows a refused list stands for: its items, and at least itself.
    private static func itemCount(_ list: JSONValue) -> Int {
        guard case .array(let items) = list["items"] else { return 1 }
        return max(1, items.count)
    }
}
