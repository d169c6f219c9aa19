import CascadeCore

/// The rows of one embedding table that all categorical features share (Coleman et al. 2023, "Unified Embedding").
///
/// Token `v` of feature `t` occupies rows `mix(hash(v) ⊕ seed(t, k)) · M / 2⁶⁴` for its lookups `k`, so each feature has
/// hash functions of its own and its width is set by the number of lookups, not by the table.
package struct UnifiedTable: Hashable, Sendable, Codable {
    /// Rows `M` of the table.
    package var rows: Int
    /// Floats a row.
    package var dimension: Int

    package init(rows: Int, dimension: Int) {
        self.rows = rows
        self.dimension = dimension
    }

    /// The hash of a token, shared by all its lookups.
    package static func hash(_ token: String) -> UInt64 { StableHash.hash(token, seed: 0x6361_7363) }

    /// The hash that stands for "no value" in any feature.
    package static let missing: UInt64 = 0x6D69_7373_696E_6721

    /// The hash that stands for all tokens that training met too seldom.
    package static let rare: UInt64 = 0x7261_7265_2074_6F6B

    /// The seed of lookup `k` of the feature called `feature`.
    package static func seed(feature: String, lookup: Int) -> UInt64 {
        StableHash.hash(feature, seed: UInt64(lookup) &+ 1)
    }

    /// The row of a token under one seed.
    package func row(_ hash: UInt64, seed: UInt64) -> Int32 {
        Int32(truncatingIfNeeded: StableHash.mix(hash ^ seed).multipliedFullWidth(by: UInt64(rows)).high)
    }
}
