import CascadeNN

/// How interaction and deep networks stand to each other, and the heads behind them.
///
/// Published models are settings of it: DCN-v2 is `cross`, stacked or parallel; DeepFM `fm`, parallel; AutoInt `autoint`,
/// alone, AutoInt+ parallel; DLRM `dlrm`, stacked; a factorization machine `fm` alone; logistic regression over the
/// fields' vectors `none` alone.
struct RankerTrunk {
    private let structure: RankerStructure
    private let tasks: (any TaskNetwork)?
    private let last: Towers?

    /// - Parameter interaction: columns of what the interaction gives; nil without one.
    init(
        _ store: ParameterStore, input: Int, interaction: Int?, heads: HeadShape, settings: RankerSettings
    ) throws {
        structure = settings.structure
        let shape: TaskShape
        switch settings.structure {
        case .interactionOnly:
            tasks = nil
            last = try Towers(store, input: interaction ?? input, heads: heads, apart: false, settings: settings)
            return
        case .stacked: shape = TaskShape(input: interaction ?? input, beside: 0, heads: heads)
        case .parallel: shape = TaskShape(input: input, beside: interaction ?? 0, heads: heads)
        }
        tasks = try TaskNetworks.make(store, shape: shape, settings: settings)
        last = nil
    }

    /// What the heads give for rows, from their fields and what the interaction made of these.
    func record(_ input: FactoredRows, interaction: FactoredRows?) -> HeadLogits {
        let logits =
            switch structure {
            case .interactionOnly: last?.record(input.plan, (interaction ?? input).joined())
            case .stacked: tasks?.record(interaction ?? input, beside: nil)
            case .parallel: tasks?.record(input, beside: interaction?.joined())
            }
        return logits ?? HeadLogits(heads: input.joined(), taught: nil, values: [])
    }
}
