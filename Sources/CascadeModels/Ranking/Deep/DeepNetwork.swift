import CascadeNN

/// The layers between the input of the ranker and its heads.
protocol DeepNetwork: Sendable {
    /// What the configuration calls it.
    static var name: String { get }
    /// Declares the parameters under `name`, for rows of `input` columns.
    init(_ store: ParameterStore, name: String, input: Int, settings: RankerSettings) throws
    /// Columns of what it gives.
    var width: Int { get }
    /// [R × input] → [R × width].
    func record(_ input: FactoredRows) -> Value
}

/// The deep networks that the configuration can name.
enum DeepNetworks {
    static let members = Members<any DeepNetwork.Type>(
        key: "ranker.deep_form",
        all: [
            DenseNetwork.name: DenseNetwork.self,
            Perceptron.name: Perceptron.self,
            ResidualNetwork.name: ResidualNetwork.self,
        ])

    /// Declares the one that `settings` name.
    static func make(
        _ store: ParameterStore, name: String, input: Int, settings: RankerSettings
    ) throws -> any DeepNetwork {
        guard let type = try members.member(settings.deepForm) else {
            throw ModelError.badSettings(settings.problems())
        }
        return try type.init(store, name: name, input: input, settings: settings)
    }
}
