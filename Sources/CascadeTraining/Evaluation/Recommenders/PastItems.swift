import CascadeCore
import CascadeFeatures
import CascadeModels

/// The distinct items of each user's past: those with the signal, or all that were shown.
enum PastItems {
    static func all(_ data: EvaluationData, signal: Int?) -> [[Int32]] {
        data.users.indices.map { user in
            data.log.distinctItems(of: user, end: data.evaluatedRows(of: user).lowerBound, signal: signal)
        }
    }

    /// [items] the users who gave the signal before the period.
    static func counts(_ data: EvaluationData, signal: Int?) -> [Float] {
        var counts = [Float](repeating: 0, count: data.bundle.rows.items.count)
        for items in all(data, signal: signal) { for item in items { counts[Int(item)] += 1 } }
        return counts
    }

    /// The steps of a past, oldest first, items as often as they occur.
    static func inOrder(_ user: Int, end: Int, _ data: EvaluationData, signal: Int?) -> [Int32] {
        let bit = signal.map { UInt8(1) << UInt8($0) }
        return (Int(data.log.userStart[user])..<end)
            .filter { row in bit.map { data.log.code[row] & $0 != 0 } ?? true }
            .map { data.log.item[$0] }
    }
}
