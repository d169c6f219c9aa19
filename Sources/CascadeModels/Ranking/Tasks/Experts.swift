import CascadeNN

/// Several deep networks over the same rows.
struct Experts {
    /// Columns of the output of each.
    let width: Int
    private let networks: [any DeepNetwork]

    init(_ store: ParameterStore, input: Int, settings: RankerSettings) throws {
        networks = try (0..<settings.experts).map {
            try DeepNetworks.make(store, name: "ranker.expert.\($0)", input: input, settings: settings)
        }
        width = networks.first?.width ?? 0
    }

    func record(_ input: FactoredRows) -> [Value] { networks.map { $0.record(input) } }
}
