import CascadeCore
import CascadePipeline
import CascadeStorage
import Foundation

/// Logged slates with what came of them, read from traces, impressions and events.
struct TracedSlates {
    private(set) var slates: [LoggedSlate] = []
    /// Traces that tell nothing of the target policy.
    private(set) var skipped: [SlateReplay.Obstacle: Int] = [:]
    /// Recommendations that no impression names: nobody says that they were shown.
    private(set) var unseen = 0
    /// Heads of the traces.
    private(set) var heads: Set<String> = []
    private var users: [String: Int32] = [:]
    private var lastUnit: Int32 = -1

    /// Traces that are read before their outcomes are asked for.
    private static let page = 200

    /// - Parameters:
    ///   - signal: a reward of 1 where an item received it.
    ///   - limit: newest traces to read at most.
    static func read(
        _ storage: Storage, _ period: Period, _ policy: ReplayPolicy, signal: String, limit: Int
    ) async throws -> TracedSlates {
        var result = TracedSlates()
        var waiting: [PipelineTrace] = []
        var left = limit
        let decoder = JSONDecoder()
        try await storage.traces.visit(in: period) { json in
            if let trace = try? decoder.decode(PipelineTrace.self, from: Data(json.utf8)) {
                waiting.append(trace)
            } else {
                result.skipped[.olderVersion, default: 0] += 1
            }
            if waiting.count == Self.page {
                try await result.add(waiting, storage, policy, signal)
                waiting = []
            }
            left -= 1
            return left > 0
        }
        try await result.add(waiting, storage, policy, signal)
        return result
    }

    private mutating func add(
        _ traces: [PipelineTrace], _ storage: Storage, _ policy: ReplayPolicy, _ signal: String
    ) async throws {
        let outcomes = try await storage.outcomes.outcomes(of: traces.map(\.recommendationID), signal: signal)
        for trace in traces {
            heads.formUnion(trace.heads ?? [])
            guard let given = outcomes[trace.recommendationID] else {
                unseen += 1
                continue
            }
            let head = trace.heads?.contains(signal) == true ? signal : nil
            do throws(SlateReplay.Obstacle) {
                slates.append(
                    try LoggedSlate(
                        trace, target: policy, rewards: given.mapValues { $0 ? 1 : 0 }, head: head,
                        unit: unit(of: trace.userID)))
            } catch {
                skipped[error, default: 0] += 1
            }
        }
    }

    /// A visitor without a name is nobody else. A number without slates does no harm.
    private mutating func unit(of user: String?) -> Int32 {
        if let user, let known = users[user] { return known }
        lastUnit += 1
        if let user { users[user] = lastUnit }
        return lastUnit
    }
}
