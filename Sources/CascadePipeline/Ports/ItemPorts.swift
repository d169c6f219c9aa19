package import CascadeCore

/// Reads whole items, for answers that carry attributes and for slates without a release.
package protocol ItemReader: Sendable {
    /// The items of these identifiers; those that do not exist are absent.
    func items(_ ids: [ItemID]) async throws -> [ItemID: Item]
    /// Items to show when no release is active, best first; hidden ones may be among them.
    func fallbackItems(limit: Int) async throws -> [Item]
}

/// What may have changed about an item since the release was made.
package enum LiveItemState: Hashable, Sendable {
    case shown, hidden, deleted
}

/// Tells the present state of items, fresher than the release.
package protocol LiveStateReader: Sendable {
    /// The states of these items; an absent one counts as shown.
    func states(of ids: [ItemID]) async throws -> [ItemID: LiveItemState]
}

/// Takes the traces of requests.
package protocol TraceSink: Sendable {
    /// Takes a trace without waiting: false when it had to be dropped.
    func offer(_ trace: PendingTrace) -> Bool
}
