/// What a training run tells while it works.
package enum TrainingReport: Sendable {
    /// A new part of the work begins.
    case step(String)
    /// What was read and fitted.
    case data(TrainingData)
    case progress(TrainingProgress)
    case trained(String, TrainingSummary)
    /// No head can be learned, so the release goes without a ranker.
    case noRanker
    /// A run's ranker takes so many milliseconds for a request's candidates on one thread.
    case scoring(String, milliseconds: Double)
    case index(items: Int, seconds: Double, recall: Double)
    case evaluation(EvaluationReport)
    /// How the new release compares with the active one.
    case promotion(PromotionVerdict)
}
