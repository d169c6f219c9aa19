import CascadeFeatures
import CascadeModels
import CascadeNN

/// The closed-form linear autoencoder without self-similarity: `B = −P / diag(P)`, `P = (XᵀX + λ I)⁻¹`; a user's score of
/// an item is the sum over the own items of their rows of B.
///
/// Source: Steck 2019. An inverse of [items × items] floats, so only for catalogs of at most `maximumItems`.
struct EASERecommender: CandidateRecommender {
    /// 900 MB and about half a minute.
    static let maximumItems = 15_000
    static let regularisation: Float = 100

    let name = "ease"
    private let data: EvaluationData
    private let signal: Int
    /// [items × items] B, row by row.
    private let weights: [Float]

    /// - Throws: `TrainingError.notAllowed` for a catalog of more than `most` items.
    init(_ data: EvaluationData, signal: Int, most: Int = maximumItems) throws {
        let n = data.bundle.rows.items.count
        guard n <= most else {
            throw TrainingError.notAllowed(
                name: name, reason: "it needs a catalog of at most \(most) items, this one has \(n)")
        }
        self.data = data
        self.signal = signal
        var matrix = [Float](repeating: 0, count: n * n)
        let isInverted = matrix.withUnsafeMutableBufferPointer { matrix -> Bool in
            guard let base = matrix.baseAddress else { return true }
            for items in PastItems.all(data, signal: signal) {
                for item in items { for other in items { base[Int(item) * n + Int(other)] += 1 } }
            }
            for item in 0..<n { base[item * n + item] += Self.regularisation }
            guard PositiveDefinite.invert(base, n) else { return false }
            let diagonal = (0..<n).map { base[$0 * n + $0] }
            for item in 0..<n {
                for other in 0..<n {
                    base[item * n + other] = item == other ? 0 : -base[item * n + other] / diagonal[other]
                }
            }
            return true
        }
        guard isInverted else {
            throw TrainingError.notAllowed(name: name, reason: "its equations have no solution")
        }
        weights = matrix
    }

    func scores(for task: RetrievalTask) -> [Float] {
        let n = data.bundle.rows.items.count
        var scores = [Float](repeating: 0, count: n)
        weights.withUnsafeBufferPointer { weights in
            for item in data.log.distinctItems(of: task.user, end: task.historyEnd, signal: signal) {
                let row = Int(item) * n
                for other in 0..<n { scores[other] += weights[row + other] }
            }
        }
        return scores
    }
}
