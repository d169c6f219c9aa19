import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN

/// What the training of a ranker reads beside the log: of which features views of items are made, and what teachers
/// foretell.
struct RankerGuidance: Sendable {
    let settings: RankerSettings
    var masks: FeatureMasks?
    var taught: TeacherLabels?
}

/// What is learned beside the labels of the heads, recorded in a plan that trains.
///
/// Belongs to one thread.
struct RankerAuxiliaries {
    /// What teachers foretell, as soft labels of logits of their own.
    private struct Taught {
        let logits: Value
        let labels: Value
        let weights: Value
    }

    private let guidance: RankerGuidance
    private let positions: RankerPositions?
    private let contrast: RankerContrast?
    private let taught: Taught?
    private let heads: Int
    /// Share of the rows whose place is kept from the model, so that what is served stands without one.
    private static let unplaced = 0.1

    init(
        _ plan: Plan, model: RankingModel, items: RankerItems, rows: RankerRows, capacity: Int, heads: Int,
        _ guidance: RankerGuidance
    ) {
        self.guidance = guidance
        self.heads = heads
        positions = model.recordPositions(plan, rows)
        contrast = model.recordContrast(plan, items: items, capacity: capacity)
        taught = rows.taught.map {
            Taught(
                logits: $0, labels: plan.input(rows.rows, columns: heads, name: "taught.labels"),
                weights: plan.input(rows.rows, columns: heads, name: "taught.weights"))
        }
    }

    /// The logits that learn from labels: those of the rows with what their places add.
    func logits(_ plan: Plan, _ rows: RankerRows) -> Value {
        positions.map { plan.add(rows.logits, $0.logits) } ?? rows.logits
    }

    /// The outputs of the value heads likewise, one a head.
    func values(_ plan: Plan, _ rows: RankerRows) -> [Value] {
        positions.map { places in zip(rows.values, places.values).map { plan.add($0, $1) } } ?? rows.values
    }

    /// The loss of the heads with those of what is learned beside it.
    func loss(_ plan: Plan, _ heads: Value) -> Value {
        var terms: [(Value, Float)] = [(heads, 1)]
        if let contrast {
            let share = Float(guidance.settings.corruption)
            terms = [(heads, 1 - share), (contrast.loss, share)]
        }
        if let taught {
            let loss = plan.binaryCrossEntropy(logits: taught.logits, labels: taught.labels, weights: taught.weights)
            terms.append((loss, Float(guidance.settings.teacherWeight)))
        }
        return terms.count == 1 ? heads : plan.weightedSum(terms)
    }

    /// The label of a head, of which teachers decide a share where the settings say so.
    func label(_ given: Float, row: Int, head: Int) -> Float {
        guard guidance.settings.teacherForm == .direct, let taught = guidance.taught else { return given }
        let share = Float(guidance.settings.teacherWeight)
        return (1 - share) * given + share * taught.probability(row: row, head: head)
    }

    /// Fills what belongs to the added rows.
    ///
    /// - Parameter draw: fixes what is left to chance in this batch.
    func load(
        _ plan: Plan, log: EncodedLog, rows: [Int32], batch: Batch, lossWeights: [Float], draw: UInt64
    ) throws {
        if let positions {
            var random = SeededRandom(seed: StableHash.mix(draw ^ 1))
            positions.load(
                rows.map { random.uniform() < Self.unplaced ? -1 : Int(log.position[Int($0)]) }, into: plan)
        }
        if let contrast, let masks = guidance.masks {
            try contrast.load(
                items: Self.distinct(batch.rowItem, of: batch.items.count), kept: masks.mask(StableHash.mix(draw ^ 2)),
                into: plan)
        }
        guard let taught, let foretold = guidance.taught else { return }
        let (label, weight) = (plan.floats(taught.labels), plan.floats(taught.weights))
        for (index, row) in rows.enumerated() {
            for head in 0..<heads {
                label[index * heads + head] = foretold.probability(row: Int(row), head: head)
                weight[index * heads + head] = lossWeights[head]
            }
        }
    }

    private static func distinct(_ places: [Int32], of count: Int) -> [Int32] {
        var isListed = [Bool](repeating: false, count: count)
        return places.filter { place in
            defer { isListed[Int(place)] = true }
            return !isListed[Int(place)]
        }
    }
}
