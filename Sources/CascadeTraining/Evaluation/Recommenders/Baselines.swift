import CascadeCore
import CascadeFeatures
import CascadeModels
import Foundation

/// The ways to retrieve that an evaluation can print beside the model; `cascade evaluate --baselines` chooses by name.
package enum Baseline: String, CaseIterable, Sendable {
    case popularity
    case popularLastDays = "popular_last_days"
    case itemKNN = "item_knn"
    case transitions
    case itemKNNShown = "item_knn_shown"
    case ease
    case bpr = "bpr_mf"
    case ials
    case spectral
    case medoids

    /// Those that take seconds at most.
    package static let quick: [Baseline] = [.popularity, .popularLastDays, .itemKNN, .transitions, .itemKNNShown]

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
    /// [items] the users who gave the signal before the period.
    let popularity: [Float]
    /// The largest catalog that a matrix of [items × items] is made for.
    var largestMatrix = EASERecommender.maximumItems

    /// Makes the members of `names` one after another and hands each to `body`, so that the tables of one are gone before the
    /// next one's are made; what a member leaves empty is filled by popularity.
    ///
    /// - Returns: members that cannot be had of this catalog, each with the reason; only where all were asked for.
    /// - Throws: what keeps a member from being made that was asked for by name.
    func each(_ names: [Baseline], _ body: (any CandidateRecommender) throws -> Void) throws -> [String] {
        let areAll = Set(names).count == Baseline.allCases.count
        var omitted: [String] = []
        // Transitions come behind item-kNN and stand on its neighbours.
        var neighbours: ItemKNNRecommender?
        for name in Baseline.allCases where names.contains(name) {
            let made: any CandidateRecommender
            do { made = try member(name, neighbours) } catch TrainingError.notAllowed(let name, let reason) where areAll
            {
                omitted.append("\(name): \(reason)")
                continue
            }
            neighbours = name == .itemKNN && names.contains(.transitions) ? made as? ItemKNNRecommender : nil
            try body(FilledRecommender(made, popularity: popularity))
        }
        return omitted
    }

    private func member(_ name: Baseline, _ neighbours: ItemKNNRecommender?) throws -> any CandidateRecommender {
        switch name {
        case .popularity: PopularityRecommender(counts: popularity)
        case .popularLastDays: RecentPopularityRecommender(data, signal: signal, ever: popularity)
        case .itemKNN: ItemKNNRecommender(data, signal: signal)
        case .itemKNNShown: ItemKNNRecommender(data, signal: nil)
        case .transitions:
            TransitionRecommender(
                data, signal: signal, neighbours: neighbours ?? ItemKNNRecommender(data, signal: signal))
        case .ease: try EASERecommender(data, signal: signal, most: largestMatrix)
        case .bpr: try BPRRecommender(data, log: log, signal: signal)
        case .ials: try IALSRecommender(data, signal: signal)
        case .spectral: try SpectralRecommender(data, signal: signal)
        case .medoids: try MedoidRecommender(data, signal: signal)
        }
    }
}
