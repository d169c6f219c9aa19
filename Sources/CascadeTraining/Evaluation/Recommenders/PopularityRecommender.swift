import CascadeFeatures
import CascadeModels

/// Items by the number of users who gave the signal before the period.
struct PopularityRecommender: CandidateRecommender {
    let name = "popularity"
    private let counts: [Float]

    init(_ data: EvaluationData, signal: Int) {
        counts = PastItems.counts(data, signal: signal)
    }

    func scores(for task: RetrievalTask) -> [Float] { counts }
}
