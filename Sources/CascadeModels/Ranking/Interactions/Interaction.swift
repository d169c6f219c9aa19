import CascadeNN

/// How the fields of a row meet each other before, or beside, the deep network.
protocol Interaction: Sendable {
    /// What the configuration calls it.
    static var name: String { get }
    /// Declares the parameters under `name`.
    init(_ store: ParameterStore, name: String, fields: FieldLayout, settings: RankerSettings) throws
    /// Columns of what it gives.
    var width: Int { get }
    /// [R × columns of the fields] → [R × width]; a row depends on nothing but itself.
    func record(_ input: FactoredRows) -> FactoredRows
}

/// An interaction that needs its rows whole: nothing that rows share can be computed once for all of them.
protocol WholeRowInteraction: Interaction {
    /// [R × columns of the fields] → [R × width].
    func record(_ plan: Plan, _ input: Value) -> Value
}

extension WholeRowInteraction {
    func record(_ input: FactoredRows) -> FactoredRows {
        FactoredRows(input.plan, record(input.plan, input.joined()))
    }
}

/// The interactions that the configuration can name.
enum Interactions {
    static let members = Members<any Interaction.Type>(
        key: "ranker.interaction",
        all: [
            CrossInteraction.name: CrossInteraction.self,
            CrossMixture.name: CrossMixture.self,
            FactorizationMachine.name: FactorizationMachine.self,
            FieldAwareFactorization.name: FieldAwareFactorization.self,
            FieldDots.name: FieldDots.self,
            FieldSelfAttention.name: FieldSelfAttention.self,
            HeterogeneousAttention.name: HeterogeneousAttention.self,
        ], absence: "none")

    /// Declares the interaction that `settings` name; nil for none.
    static func make(
        _ store: ParameterStore, name: String, fields: FieldLayout, settings: RankerSettings
    ) throws -> (any Interaction)? {
        try members.member(settings.interaction)?.init(store, name: name, fields: fields, settings: settings)
    }
}
