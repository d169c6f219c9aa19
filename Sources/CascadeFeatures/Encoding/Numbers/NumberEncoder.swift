/// The encoding of one number as it was fitted: columns of its member, then one that tells "missing".
///
/// In JSON an object with the member's fields and its `kind`; one without a kind, of an earlier version, is piecewise
/// linear.
package enum NumberEncoder: Hashable, Sendable {
    case piecewiseLinear(PiecewiseLinear)
    case quantileBins(QuantileBins)
    case sigmoids(QuantileSigmoids)
    case distribution(EmpiricalDistribution)
    case standard(StandardNumber)

    /// Writes `width` floats: the columns of the member (zeros beyond those it has), then 1 where `value` is missing
    /// (not finite).
    package func encode(_ value: Float, into output: UnsafeMutablePointer<Float>, width: Int) {
        output.update(repeating: 0, count: width)
        guard value.isFinite else {
            output[width - 1] = 1
            return
        }
        switch self {
        case .piecewiseLinear(let member): member.encode(value, into: output)
        case .quantileBins(let member): member.encode(value, into: output)
        case .sigmoids(let member): member.encode(value, into: output)
        case .distribution(let member): member.encode(value, into: output)
        case .standard(let member): member.encode(value, into: output)
        }
    }

    /// Where the range is cut; see `NumberEncoding.edges`.
    package var edges: [Float] { member.edges }

    /// Columns that it writes, without that of "missing".
    package var columns: Int { member.columns }

    /// Whether what was read of a file can be encoded with, into `columns` columns.
    func isUsable(columns most: Int) -> Bool {
        columns <= most && edges.allSatisfy(\.isFinite) && zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 }
            && member.isConsistent
    }

    private var member: any NumberEncoding {
        switch self {
        case .piecewiseLinear(let member): member
        case .quantileBins(let member): member
        case .sigmoids(let member): member
        case .distribution(let member): member
        case .standard(let member): member
        }
    }
}

extension NumberEncoder: Codable {
    private enum Kind: String, Codable {
        case piecewiseLinear = "piecewise_linear"
        case quantileBins = "quantile_bins"
        case sigmoids
        case distribution
        case standard
    }

    private enum CodingKeys: String, CodingKey { case kind }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decodeIfPresent(Kind.self, forKey: .kind) ?? .piecewiseLinear {
        case .piecewiseLinear: self = .piecewiseLinear(try PiecewiseLinear(from: decoder))
        case .quantileBins: self = .quantileBins(try QuantileBins(from: decoder))
        case .sigmoids: self = .sigmoids(try QuantileSigmoids(from: decoder))
        case .distribution: self = .distribution(try EmpiricalDistribution(from: decoder))
        case .standard: self = .standard(try StandardNumber(from: decoder))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let kind: Kind =
            switch self {
            case .piecewiseLinear: .piecewiseLinear
            case .quantileBins: .quantileBins
            case .sigmoids: .sigmoids
            case .distribution: .distribution
            case .standard: .standard
            }
        try container.encode(kind, forKey: .kind)
        try member.encode(to: encoder)
    }
}
