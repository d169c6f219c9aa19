import CascadeCore
import CascadeFeatures
import CascadeModels
import Foundation

/// The ways to retrieve that an evaluation can print beside the model; `cascade evaluate --baselines` chooses by name.
package enum Baseline: String, CaseIterable, Sendable {
    case popularity
    case popularLastDays = "popular_last_days"
    case itemKNN = "item_knn"
    case itemKNNShown = "item_knn_shown"
    case transitions
    case ease
    case bpr = "bpr_mf"
    case ials

    /// Those that take seconds at most.
    package static let quick: [Baseline] = [.popularity, .popularLastDays, .itemKNN, .itemKNNShown, .transitions]

    /// Reads names, `quick` and `all`; a clear error for another.
    package static func parse(_ text: String) throws -> [Baseline] {
        try text.split(separator: ",").flatMap { part -> [Baseline] in
            let name = part.trimmingCharacters(in: .whitespaces)
            if name == "all" { return allCases }
            if name == "quick" { return quick }
            guard let found = Baseline(rawValue: name) else {
                throw TrainingError.badArgument(
                    "there is no baseline '\(name)'; known are \(allCases.map(\.rawValue).joined(separator: ", ")), quick and all"
                )
            }
            return [found]
        }
    }
}

/// Fits baselines on what came before an evaluated period.
struct BaselineFitting {
    let data: EvaluationData
    /// The interactions as they were read, for members that are trained on them.
    let log: InteractionLog
    let signal: Int
    let seed: UInt64
    let workers: Int

    /// A member; what it leaves empty is filled by popularity.
    func fit(_ name: Baseline) throws -> any CandidateRecommender {
        FilledRecommender(try member(name), popularity: PastItems.counts(data, signal: signal))
    }

    private func member(_ name: Baseline) throws -> any CandidateRecommender {
        switch name {
        case .popularity: PopularityRecommender(data, signal: signal)
        case .popularLastDays: RecentPopularityRecommender(data, signal: signal)
        case .itemKNN: ItemKNNRecommender(data, signal: signal)
        case .itemKNNShown: ItemKNNRecommender(data, signal: nil)
        case .transitions: TransitionRecommender(data, signal: signal)
        case .ease: try EASERecommender(data, signal: signal)
        case .bpr: try BPRRecommender(data, log: log, signal: signal, seed: seed, workers: workers)
        case .ials: try IALSRecommender(data, signal: signal)
        }
    }
}
