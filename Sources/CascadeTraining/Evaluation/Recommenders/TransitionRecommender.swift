import CascadeFeatures
import CascadeModels

/// What followed the user's last items in everybody's pasts, with item-kNN for the rest:
/// `Σ_a 0.5^a c(item_a → j) / (n(item_a) + 1) + 0.1 · knn_j`, a the steps since. For pasts whose order tells something.
struct TransitionRecommender: CandidateRecommender {
    let name = "transitions"
    private let data: EvaluationData
    private let signal: Int
    private let neighbours: ItemKNNRecommender
    /// What followed item i: `starts[i]..<starts[i + 1]` of the two lists below.
    private let starts: [Int]
    private let next: [Int32]
    private let shares: [Float]

    /// Last steps that count.
    private static let steps = 5
    private static let neighbourWeight: Float = 0.1

    /// - Parameter neighbours: item-kNN of the same signal.
    init(_ data: EvaluationData, signal: Int, neighbours: ItemKNNRecommender) {
        self.data = data
        self.signal = signal
        self.neighbours = neighbours
        var following = [[Int32]](repeating: [], count: data.bundle.rows.items.count)
        for user in data.users.indices {
            let end = data.evaluatedRows(of: user).lowerBound
            let past = PastItems.inOrder(user, end: end, data, signal: signal)
            for (item, successor) in zip(past, past.dropFirst()) where item != successor {
                following[Int(item)].append(successor)
            }
        }
        var starts = [0]
        var next: [Int32] = []
        var shares: [Float] = []
        for successors in following {
            let total = Float(successors.count + 1)
            var counts: [Int32: Float] = [:]
            for successor in successors { counts[successor, default: 0] += 1 }
            for (item, count) in counts.sorted(by: { $0.key < $1.key }) {
                next.append(item)
                shares.append(count / total)
            }
            starts.append(next.count)
        }
        self.starts = starts
        self.next = next
        self.shares = shares
    }

    func scores(for task: RetrievalTask) -> [Float] {
        var scores = neighbours.scores(for: task).map { $0 * Self.neighbourWeight }
        let past = PastItems.inOrder(task.user, end: task.historyEnd, data, signal: signal)
        var weight: Float = 1
        for item in past.suffix(Self.steps).reversed() {
            for index in starts[Int(item)]..<starts[Int(item) + 1] {
                scores[Int(next[index])] += weight * shares[index]
            }
            weight /= 2
        }
        return scores
    }
}
