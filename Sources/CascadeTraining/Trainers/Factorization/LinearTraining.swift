import CascadeFeatures
import CascadeModels
import CascadeNN

/// Fits the linear autoencoder that stands beside the towers of a release.
enum LinearTraining {
    /// The autoencoder of the distinct items that each user of `data` gave feedback to; nil where the settings want none.
    ///
    /// Blocks the calling thread: not for the cooperative pool.
    static func fit(
        _ data: TrainingData, _ settings: RetrievalSettings, seed: UInt64, report: (TrainingReport) -> Void
    ) throws -> LinearAutoencoder? {
        guard settings.linearRank > 0 else { return nil }
        report(.step("fitting the linear autoencoder"))
        let past = data.rows.users.indices.map { data.log.givenItems(of: $0) }
        let items = data.rows.items.count
        let found = try SpectralFactorization(
            itemsOfUsers: past, items: items,
            settings: .init(rank: settings.linearRank, itemExponent: settings.linearItemExponent, seed: seed))
        var (inputs, outputs) = (found.inputs, found.outputs)
        guard Standardization.apply(rows: &outputs, partners: &inputs, width: found.rank) else {
            throw TrainingError.badArgument(
                "retrieval.linear_rank: the linear autoencoder's columns depend on each other; choose a smaller rank than \(found.rank)"
            )
        }
        return try LinearAutoencoder(inputs: inputs, outputs: outputs, rank: found.rank)
    }
}
