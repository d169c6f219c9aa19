import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeTraining
import Foundation

/// Interactions from a seed: pasts of log-normal length, items whose frequencies fall as those of a catalog do, each with
/// a creator and a category.
enum SyntheticLog {
    static let users = 10_000
    static let items = 20_000
    static let creators = 2_000
    static let categories = 50
    /// Steps of a past that the model reads.
    static let length = 50

    static func make(_ settings: RetrievalSettings, seed: UInt64) throws -> TrainingData {
        var random = SeededRandom(seed: seed)
        var log = InteractionLog()
        log.users = (0..<users).map { UserID("u\($0 + 100_000)") }
        let catalog = (0..<items).map { item in
            Item(
                id: ItemID("i\(item + 100_000)"), creatorID: "creator \(item * 7919 % creators)",
                categories: ["category \(item % categories)"])
        }
        log.items = catalog.map(\.id)
        log.signals = ["like"]
        for user in 0..<users {
            for step in 0..<pastLength(&random) {
                log.userIndex.append(Int32(user))
                // Log-uniform over the places of the list, which is Zipf's law with the exponent one.
                let place = exp(random.uniform() * Foundation.log(Double(items)))
                log.itemIndex.append(Int32(min(items, Int(place)) - 1))
                log.time.append(Int64(step) * 60_000_000)
                log.feedback.append(1)
                log.observed.append(1)
                log.isImpression.append(false)
            }
        }
        var features = FeatureSettings()
        features.retrievalHistoryLength = length
        return try TrainingData(
            period: Period(), log: log, users: [], items: catalog, definitions: [], settings: features,
            retrieval: settings)
    }

    /// Median 14, mean about 20, 3 to 200.
    private static func pastLength(_ random: inout SeededRandom) -> Int {
        let normal = (-2 * Foundation.log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
        return min(200, max(3, Int(14 * exp(0.9 * normal))))
    }
}
