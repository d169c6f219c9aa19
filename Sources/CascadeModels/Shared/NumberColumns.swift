import CascadeFeatures
import CascadeNN

/// Encoded numbers as columns of a model: each through a small map of its own.
///
///     linear    W x + b
///     relu      max(0, W x + b)
///     periodic  max(0, W [cos 2π c x ; sin 2π c x] + b), c learned, starting at N(0, σ²)
///
/// Source: Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning", sections 3.2 and 3.3.
struct NumberColumns {
    /// Columns of what it gives.
    let width: Int
    private let numbers: Int
    /// Columns of an encoded number.
    private let encoded: Int
    private let weight: Parameter
    private let bias: Parameter
    private let frequencies: Parameter?
    private let activation: Activation

    /// - Parameters:
    ///   - numbers: how many there are; nil is given for none.
    ///   - encoded: columns of an encoded number.
    init?(
        _ store: ParameterStore, name: String, numbers: Int, encoded: Int, settings: RankerSettings
    ) throws {
        guard numbers > 0 else { return nil }
        self.numbers = numbers
        self.encoded = encoded
        width = numbers * settings.numericWidth
        var columns = encoded
        if settings.numberMap == .periodic {
            columns *= 2 * settings.frequencies
            frequencies = try store.parameter(
                "\(name).frequencies", rows: numbers * encoded, columns: settings.frequencies,
                .normal(Float(settings.frequencyDeviation)))
        } else {
            frequencies = nil
        }
        weight = try store.parameter(
            "\(name).weight", rows: numbers * columns, columns: settings.numericWidth, .normal(0.1))
        bias = try store.parameter("\(name).bias", rows: 1, columns: width, .zeros, options: .withoutDecay)
        activation = settings.numberMap == .linear ? .none : .relu
    }

    /// [n × numbers · encoded] → [n × width].
    func record(_ plan: Plan, _ input: Value) -> Value {
        let read = frequencies.map { plan.periodic(input, coefficients: plan.parameter($0)) } ?? input
        return plan.groupedLinear(
            read, groups: numbers, weight: plan.parameter(weight), bias: plan.parameter(bias), activation: activation)
    }

    /// [n × numbers], as they are before they are encoded → [n × width]; `tables` are those of this map.
    func record(_ plan: Plan, raw: Value, _ tables: PieceTables) -> Value {
        let columns = plan.pieces(raw, tables)
        return activation == .none ? columns : plan.activate(columns, activation)
    }

    /// Encoding and map in one; nil where they do not come to straight pieces.
    ///
    /// - Parameter encoders: one a number.
    func tables(_ encoders: [NumberEncoder], _ store: ParameterStore) throws -> PieceTables? {
        guard frequencies == nil, encoders.count == numbers else { return nil }
        let width = width / numbers
        let weights = store.weights(weight)
        let bias = store.weights(bias)
        var found: [PieceTables.Number] = []
        var reaches: Set<Float> = []
        for (number, encoder) in encoders.enumerated() {
            let own = (0..<width).map { bias[number * width + $0] }
            func row(_ column: Int) -> [Float] {
                (0..<width).map { weights[(number * encoded + column) * width + $0] }
            }
            let missing = zip(own, row(encoded - 1)).map { $0 + $1 }
            switch encoder {
            case .piecewiseLinear(let pieces):
                reaches.insert(PiecewiseLinear.reach)
                found.append(Self.pieces(of: pieces, own, missing: missing, row))
            case .standard(let standard):
                // It ends where it is clipped.
                reaches.insert(0)
                found.append(Self.pieces(of: standard, own, missing: missing, row(0)))
            default: return nil
            }
        }
        guard reaches.count < 2 else { return nil }
        return try PieceTables(found, width: width, reach: reaches.first ?? 0)
    }

    /// From edge to edge each column rises by its weight.
    private static func pieces(
        of encoder: PiecewiseLinear, _ own: [Float], missing: [Float], _ row: (Int) -> [Float]
    ) -> PieceTables.Number {
        var low = [own]
        var rise: [[Float]] = []
        for range in 0..<max(0, encoder.edges.count - 1) {
            rise.append(row(range))
            low.append(zip(low[range], rise[range]).map { $0 + $1 })
        }
        if rise.isEmpty { rise.append(own.map { _ in 0 }) } else { low.removeLast() }
        return PieceTables.Number(edges: encoder.edges, missing: missing, low: low, rise: rise)
    }

    /// One straight piece, between the ends where the number is clipped.
    private static func pieces(
        of encoder: StandardNumber, _ own: [Float], missing: [Float], _ weights: [Float]
    ) -> PieceTables.Number {
        guard encoder.deviation > 0 else {
            return PieceTables.Number(edges: [], missing: missing, low: [own], rise: [own.map { _ in 0 }])
        }
        let start = (encoder.low - encoder.mean) / encoder.deviation
        let length = (encoder.high - encoder.low) / encoder.deviation
        return PieceTables.Number(
            edges: [encoder.low, encoder.high], missing: missing, low: [zip(own, weights).map { $0 + start * $1 }],
            rise: [weights.map { length * $0 }], isLogarithmic: encoder.isLogarithmic)
    }
}
