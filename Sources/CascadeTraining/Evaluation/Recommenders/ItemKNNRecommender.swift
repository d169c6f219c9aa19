import CascadeFeatures
import CascadeModels

/// Item-to-item cosine with shrinkage: `w_ij = c_ij / (√n_i √n_j + 10)` over the users' distinct items; a user's score of
/// an item is the sum over the own items. With the items of one signal, or with all that were shown.
struct ItemKNNRecommender: CandidateRecommender {
    let name: String
    private let data: EvaluationData
    private let signal: Int?
    /// Neighbours of item i: `starts[i]..<starts[i + 1]` of the two lists below.
    private let starts: [Int]
    private let neighbours: [Int32]
    private let weights: [Float]

    private static let shrinkage: Float = 10

    init(_ data: EvaluationData, signal: Int?) {
        self.data = data
        self.signal = signal
        name = signal == nil ? "item_knn_shown" : "item_knn"
        let count = data.bundle.rows.items.count
        let past = PastItems.all(data, signal: signal)
        var users = [Float](repeating: 0, count: count)
        var usersOf = [[Int32]](repeating: [], count: count)
        for (user, items) in past.enumerated() {
            for item in items {
                users[Int(item)] += 1
                usersOf[Int(item)].append(Int32(user))
            }
        }
        var starts = [0]
        var neighbours: [Int32] = []
        var weights: [Float] = []
        var shared = [Float](repeating: 0, count: count)
        for item in 0..<count {
            var touched: [Int32] = []
            for user in usersOf[item] {
                for other in past[Int(user)] where Int(other) != item {
                    if shared[Int(other)] == 0 { touched.append(other) }
                    shared[Int(other)] += 1
                }
            }
            for other in touched {
                let norm = (users[item] * users[Int(other)]).squareRoot()
                neighbours.append(other)
                weights.append(shared[Int(other)] / (norm + Self.shrinkage))
                shared[Int(other)] = 0
            }
            starts.append(neighbours.count)
        }
        self.starts = starts
        self.neighbours = neighbours
        self.weights = weights
    }

    func scores(for task: RetrievalTask) -> [Float] {
        var scores = [Float](repeating: 0, count: starts.count - 1)
        for item in PastItems.of(task.user, end: task.historyEnd, data, signal: signal) {
            for index in starts[Int(item)]..<starts[Int(item) + 1] { scores[Int(neighbours[index])] += weights[index] }
        }
        return scores
    }
}
