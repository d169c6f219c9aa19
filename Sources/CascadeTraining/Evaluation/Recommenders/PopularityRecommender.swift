/// Items by the number of users who gave the signal before the period.
struct PopularityRecommender: CandidateRecommender {
    let name = "popularity"
    /// [items]
    let counts: [Float]

    func scores(for task: RetrievalTask) -> [Float] { counts }
}
