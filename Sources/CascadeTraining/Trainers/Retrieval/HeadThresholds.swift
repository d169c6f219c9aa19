import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN

/// The cosine at which the head of each user's list begins, estimated between epochs for losses that weigh by it.
///
/// A user's own items are scored whole, the catalog by a sample in which each item stands for its share of the others.
struct HeadThresholds: Sendable {
    /// Epochs between two estimates.
    private static let interval = 5
    private static let sampleSize = 1000
    /// Far below every cosine: until the first estimate each row weighs 1.
    private static let none: Float = -1000

    private let settings: RetrievalSettings
    private let data: TrainingData
    /// The items that stand for the catalog: those that somebody met.
    private let items: [Int32]
    private let seed: UInt64
    /// [users] thresholds, as they were estimated last.
    var values: [Float]

    init(_ settings: RetrievalSettings, _ data: TrainingData, items: [Int32], seed: UInt64) {
        self.settings = settings
        self.data = data
        self.items = items
        self.seed = seed
        values = [Float](repeating: Self.none, count: data.rows.users.count)
    }

    /// The thresholds of the users of a batch's rows.
    func of(_ users: [Int32]) -> [Float] { users.map { values[Int($0)] } }

    /// Estimates anew where `epoch` (from 0) is due: after the first, and after every fifth.
    mutating func renew(epoch: Int, model: any RetrievalModel, store: ParameterStore) throws {
        guard epoch == 1 || (epoch > 0 && epoch % Self.interval == 0) else { return }
        let inference = RetrievalInference(model: model, map: data.map, store: store, catalog: data.retrievalItems)
        let vectors = try inference.itemVectors(rows: 0..<data.retrievalItems.count)
        var random = SeededRandom(seed: StableHash.mix(seed ^ UInt64(epoch)))
        let sample = (0..<min(Self.sampleSize, items.count)).map { _ in Int(items[random.below(items.count)]) }
        let weight = Float(items.count) / Float(max(1, sample.count))
        let width = inference.dimension
        func gathered(_ rows: [Int]) -> [Float] { rows.flatMap { vectors[($0 * width)..<(($0 + 1) * width)] } }
        let sampled = gathered(sample)
        for user in values.indices {
            let rows = Int(data.log.userStart[user])..<Int(data.log.userStart[user + 1])
            guard !rows.isEmpty else { continue }
            let queries = try data.log.withHistory(user: user, end: rows.upperBound) {
                try inference.userVectors(users: data.retrievalUsers, row: user, history: $0)
            }
            let own = Set(data.log.item[rows].lazy.map(Int.init))
            let scored =
                VectorScores.best(gathered(own.sorted()), users: [queries], width)[0].map {
                    (score: $0, weight: Float(1))
                }
                + zip(sample, VectorScores.best(sampled, users: [queries], width)[0]).filter { !own.contains($0.0) }
                .map { ($0.1, weight) }
            values[user] = Self.threshold(scored, place: Float(settings.head))
        }
    }

    /// The highest score with at least `place` items at or above it; the lowest where there are fewer.
    static func threshold(_ scored: [(score: Float, weight: Float)], place: Float) -> Float {
        var above: Float = 0
        for (score, weight) in scored.sorted(by: { $0.score > $1.score }) {
            above += weight
            if above >= place { return score }
        }
        return scored.map(\.score).min() ?? none
    }
}
