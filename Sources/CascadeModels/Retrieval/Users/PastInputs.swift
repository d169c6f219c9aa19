import CascadeFeatures
import CascadeNN
import func Foundation.log1p

/// The pasts of a batch in a plan, for towers whose steps have table rows of their own.
///
/// Letters: C contexts, S steps in all, L lookups a step.
struct PastInputs {
    /// S
    let steps: Dimension
    /// [S × L] rows of the unified table.
    let rows: Indices
    /// [S] feedback code of each step.
    let codes: Indices
    /// [S] how old a step is, in octaves of steps: 0 for the newest, 1 for the next, 2 for two, 3 for four, …
    let ages: Indices
    /// [S × 1] ones, for what is dropped of whole steps.
    let ones: Value
    let offsets: Offsets
    /// [C × 1] log(1 + n) / 4.
    let length: Value

    /// Octaves of the longest past that a map can ask for.
    static let octaves = 11

    init(_ plan: Plan, contexts: Dimension, capacity: Int, map: FeatureMap) {
        let longest = map.retrieval.historyLength
        steps = plan.dimension("steps", capacity: capacity * longest)
        rows = plan.indices(steps, width: map.retrieval.items.historyLookups, name: "history.rows")
        codes = plan.indices(steps, name: "history.codes")
        ages = plan.indices(steps, name: "history.ages")
        ones = plan.input(steps, columns: 1, name: "history.ones")
        offsets = plan.offsets(segments: contexts, of: steps, maximumLength: longest, name: "history")
        length = plan.input(contexts, columns: 1, name: "history.length")
    }

    /// The vector of each step, the sum of its rows: [S × d].
    func vectors(_ plan: Plan, _ table: Table) -> Value {
        let side = plan.gather(table, rows)
        let parts = (0..<rows.width).map {
            plan.slice(side, columns: ($0 * table.dimension)..<(($0 + 1) * table.dimension))
        }
        return parts.dropFirst().reduce(parts[0]) { plan.add($0, $1) }
    }

    func load(_ batch: Batch, into plan: Plan) throws {
        try plan.setCount(steps, batch.steps)
        plan.integers(rows).copy(batch.historyLookups)
        plan.integers(codes).copy(batch.historyCode)
        let ages = plan.integers(ages)
        for (step, age) in batch.historyAge.enumerated() { ages[step] = Self.octave(Int(age)) }
        plan.floats(ones).update(repeating: 1)
        plan.integers(offsets).copy(batch.historyOffsets)
        let length = plan.floats(length)
        for context in 0..<batch.contexts {
            let count = batch.historyOffsets[context + 1] - batch.historyOffsets[context]
            length[context] = Self.length(count)
        }
    }

    /// How much past there is, as a number of about one.
    static func length(_ steps: Int32) -> Float { Float(log1p(Double(steps))) / 4 }

    static func octave(_ age: Int) -> Int32 {
        Int32(min(octaves - 1, Int.bitWidth - age.leadingZeroBitCount))
    }
}
