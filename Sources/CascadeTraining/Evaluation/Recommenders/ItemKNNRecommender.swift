import CascadeFeatures
import CascadeModels

/// Item-kNN by the weights of `CoOccurrence` over the users' distinct items; a user's score of an item is the sum over the
/// own items. With the items of one signal, or with all that were shown.
struct ItemKNNRecommender: CandidateRecommender {
    let name: String
    private let data: EvaluationData
    private let signal: Int?
    /// Neighbours of item i: `starts[i]..<starts[i + 1]` of the list below.
    private let starts: [Int]
    private let neighbours: [ItemNeighbour]

    init(_ data: EvaluationData, signal: Int?) {
        self.data = data
        self.signal = signal
        name = signal == nil ? "item_knn_shown" : "item_knn"
        let together = CoOccurrence(
            past: PastItems.all(data, signal: signal), items: data.bundle.rows.items.count)
        var scratch = CoOccurrence.Scratch(together)
        var starts = [0]
        var neighbours: [ItemNeighbour] = []
        for item in 0..<together.itemCount {
            neighbours += together.weights(of: item, &scratch)
            starts.append(neighbours.count)
        }
        self.starts = starts
        self.neighbours = neighbours
    }

    func scores(for task: RetrievalTask) -> [Float] {
        var scores = [Float](repeating: 0, count: starts.count - 1)
        for item in data.log.distinctItems(of: task.user, end: task.historyEnd, signal: signal) {
            for one in neighbours[starts[Int(item)]..<starts[Int(item) + 1]] { scores[Int(one.row)] += one.score }
        }
        return scores
    }
}
