package import CascadeNN

/// What the place of an impression in its list adds to the logits of the heads and the outputs of the value heads: one
/// number a place and output, in training only. What is served is the rest, which no longer has to explain that first places are looked at more.
///
/// Source: Zhao et al. 2019, "Recommending What Video to Watch Next: A Multitask Ranking System", section 5.2, the
/// shallow tower of position bias.
struct PositionLogits {
    private let weight: Parameter
    /// Of the outputs of all value heads; nil without any.
    private let valueWeight: Parameter?
    private let values: [Int]

    init(_ store: ParameterStore, heads: HeadShape) throws {
        values = heads.values
        valueWeight =
            values.isEmpty
            ? nil
            : try store.parameter(
                "ranker.position.values", rows: RankerPositions.places, columns: values.reduce(0, +), .zeros,
                options: .withoutDecay)
        weight = try store.parameter(
            "ranker.position", rows: RankerPositions.places, columns: heads.logits, .zeros, options: .withoutDecay)
    }

    func record(_ plan: Plan, _ rows: Dimension) -> RankerPositions {
        let input = plan.input(rows, columns: RankerPositions.places, name: "positions")
        var start = 0
        let outputs = valueWeight.map { weight in
            let all = plan.linear(input, plan.parameter(weight))
            return values.map { columns in
                defer { start += columns }
                return plan.slice(all, columns: start..<(start + columns))
            }
        }
        return RankerPositions(
            input: input, logits: plan.linear(input, plan.parameter(weight)), values: outputs ?? [])
    }
}

/// The places of R rows and what they add to what the heads give.
package struct RankerPositions {
    /// [R × places] one in the column of the place; zeros where it is not known.
    let input: Value
    /// [R × heads].
    package let logits: Value
    /// One a value head, [R × its columns].
    package let values: [Value]

    /// Places that are told apart; the last one stands for all behind it too.
    package static let places = 64

    /// Copies the places of rows into the plan; a negative one is not known, and adds nothing.
    package func load(_ positions: [Int], into plan: Plan) {
        let cells = plan.floats(input)
        cells.update(repeating: 0)
        for (row, position) in positions.enumerated() where position >= 0 {
            cells[row * Self.places + min(position, Self.places - 1)] = 1
        }
    }
}
