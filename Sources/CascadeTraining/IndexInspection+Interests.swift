import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels

extension IndexInspection {
    /// Verifies that the vectors of all clusters are finite and a sample of them what the interest model gives, and that
    /// searches of users' likeliest interests find at least `minimumRecall` of the first 100.
    func check(
        _ model: InterestModel, _ index: ClusteredIndex, _ bundle: ModelBundle, _ users: UserSample,
        minimumRecall: Double, effort: Int?, sample: Int
    ) throws -> InterestSoundness {
        guard index.dimension == model.inference.dimension else {
            throw TrainingError.indexUnsound(
                "the interests have \(index.dimension) columns, their model \(model.inference.dimension)")
        }
        for row in 0..<index.count where try !index.vector(at: row).allSatisfy(\.isFinite) {
            throw TrainingError.indexUnsound("the interests' vector of row \(row) is not finite")
        }
        var compared = 0
        for row in stride(from: 0, to: index.count, by: max(1, index.count / max(1, sample))) {
            let (stored, made) = (
                try index.vector(at: row), try model.inference.itemVectors(rows: row..<(row + 1))
            )
            guard zip(stored, made).allSatisfy({ abs($0 - $1) <= Self.sameness * max(1, abs($1)) }) else {
                throw TrainingError.indexUnsound(
                    "the interests' vector of row \(row) (item \(bundle.rows.items[row].id)) is not their item tower's")
            }
            compared += 1
        }
        let queries = try users.interests(bundle, model)
        let recall = try index.recall(of: queries, k: ReleaseBuild.recallDepth, effort: effort)
        guard recall >= minimumRecall else {
            throw TrainingError.indexUnsound(
                "searches of interests find \(recall) of the first \(ReleaseBuild.recallDepth), \(minimumRecall) is "
                    + "required (index.minimum_recall); raise index.ef_search or interests.exact_below and "
                    + "run 'cascade index rebuild'")
        }
        let full = (0..<Int32(index.clusterCount)).filter { index.size(of: $0) > 0 }
        return InterestSoundness(
            clusters: full.count, graphs: full.count { index.hasGraph($0) }, compared: compared,
            queries: queries.count, recall: recall)
    }
}
