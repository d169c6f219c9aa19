import CascadeCore

/// Decides by a request's seed, so that the same request is always decided alike.
package enum Sampling {
    /// True for a share `rate` of all seeds; `purpose` keeps decisions about one request apart.
    package static func takes(seed: UInt64, rate: Double, purpose: UInt64) -> Bool {
        if rate >= 1 { return true }
        guard rate > 0 else { return false }
        return Double(StableHash.mix(seed ^ StableHash.mix(purpose)) >> 11) * 0x1p-53 < rate
    }
}
