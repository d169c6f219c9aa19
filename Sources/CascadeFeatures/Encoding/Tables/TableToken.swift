/// What a feature of an entity has where a token could be.
package enum TableToken: Hashable, Sendable {
    /// A token by its hash (`UnifiedTable.hash`), and its place in the vocabulary where the feature keeps one.
    case known(UInt64, place: Int)
    /// A token that is not in the vocabulary of the feature.
    case rare
    /// None.
    case missing
}
