import CascadeNN

/// How the heads share what lies below them: from rows to the logit of each head, and to the outputs of each value head.
///
/// `input` goes through deep networks; `beside`, where there is some, joins their output as it is.
protocol TaskNetwork: Sendable {
    /// What the configuration calls it.
    static var name: String { get }
    /// Declares the parameters.
    init(_ store: ParameterStore, shape: TaskShape, settings: RankerSettings) throws
    /// [R × input], [R × beside] → [R × heads].
    func record(_ input: FactoredRows, beside: Value?) -> HeadLogits
}

/// What the last layers give for R rows.
struct HeadLogits {
    /// [R × heads].
    let heads: Value
    /// [R × heads] for what teachers foretold; only in training, and where the settings ask for it.
    let taught: Value?
    /// One a value head, [R × its columns].
    let values: [Value]
}

/// The columns that a task network reads and gives.
struct TaskShape: Sendable {
    let input: Int
    /// 0: there is nothing beside.
    let beside: Int
    let heads: HeadShape
}

/// What heads give for a row.
struct HeadShape: Sendable {
    /// Heads of one logit.
    let logits: Int
    /// Columns of each value head.
    let values: [Int]

    /// Heads of both kinds.
    var count: Int { logits + values.count }
}

/// The task networks that the configuration can name.
enum TaskNetworks {
    static let members = Members<any TaskNetwork.Type>(
        key: "ranker.tasks",
        all: [
            MixtureOfExperts.name: MixtureOfExperts.self,
            MultiGateMixture.name: MultiGateMixture.self,
            SharedBottom.name: SharedBottom.self,
        ])

    /// Declares the one that `settings` name.
    static func make(
        _ store: ParameterStore, shape: TaskShape, settings: RankerSettings
    ) throws -> any TaskNetwork {
        guard let type = try members.member(settings.tasks) else { throw ModelError.badSettings(settings.problems()) }
        return try type.init(store, shape: shape, settings: settings)
    }
}
