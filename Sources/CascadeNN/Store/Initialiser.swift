import CKernels

/// How a tensor is filled before training.
package enum Initialiser: Sendable, Equatable {
    /// All zeros.
    case zeros
    /// All ones.
    case ones
    /// One value everywhere.
    case constant(Float)
    /// Uniform in ±a.
    case uniform(Float)
    /// Normal with mean 0 and the given deviation.
    case normal(Float)
    /// Normal, redrawn where it lies beyond two deviations.
    case truncatedNormal(Float)
    /// Normal with deviation √(2 / rows): keeps the variance through ReLU layers (He et al. 2015).
    case he
    /// Uniform in ±√(6 / (rows + columns)) (Glorot and Bengio 2010).
    case glorot

    /// Fills a [rows × columns] tensor; the numbers depend on the seed only.
    func fill(_ weights: UnsafeMutablePointer<Float>, rows: Int, columns: Int, seed: UInt64) {
        let count = rows * columns
        switch self {
        case .zeros: ck_fill(weights, count, 1, count, 0)
        case .ones: ck_fill(weights, count, 1, count, 1)
        case .constant(let value): ck_fill(weights, count, 1, count, value)
        case .uniform(let a): ck_random_uniform(weights, count, seed, -a, a)
        case .normal(let deviation): ck_random_normal(weights, count, seed, deviation, 0)
        case .truncatedNormal(let deviation): ck_random_normal(weights, count, seed, deviation, 2)
        case .he: ck_random_normal(weights, count, seed, (2 / Float(max(rows, 1))).squareRoot(), 0)
        case .glorot:
            let a = (6 / Float(max(rows + columns, 1))).squareRoot()
            ck_random_uniform(weights, count, seed, -a, a)
        }
    }
}

/// A fixed hash of a name (FNV-1a, 64 bits), so that each tensor has its own stream of random numbers.
func stableHash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    return hash
}

/// Mixes two numbers into one well-spread seed (splitmix64's finaliser).
func mixedSeed(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var x = a &+ 0x9E37_79B9_7F4A_7C15 &+ (b &* 0xBF58_476D_1CE4_E5B9)
    x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
    return x ^ (x >> 31)
}
