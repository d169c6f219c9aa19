/// Which statements a connection has prepared.
///
/// A statement is prepared when it comes for the second time, so that those sent once cost the server no memory.
struct StatementCache {
    /// The same text with values of other types is another statement to the server.
    struct Key: Hashable {
        let text: String
        let types: [UInt32]
    }

    enum Decision: Equatable {
        /// Send text and values together.
        case unprepared
        /// Prepare under this name, then run it.
        case prepare(name: String)
        /// Run what was prepared under this name.
        case prepared(name: String)
        /// Too many are prepared: deallocate all, then ask again.
        case clear
    }

    private let capacity: Int
    private var seen: Set<Key> = []
    private var names: [Key: String] = [:]
    private var serial = 0

    init(capacity: Int = 256) { self.capacity = capacity }

    /// How to send a statement.
    mutating func decide(_ key: Key) -> Decision {
        if let name = names[key] { return .prepared(name: name) }
        guard seen.contains(key) else {
            if seen.count >= capacity * 8 { seen.removeAll(keepingCapacity: true) }
            seen.insert(key)
            return .unprepared
        }
        if names.count >= capacity { return .clear }
        serial += 1
        return .prepare(name: "cascade_\(serial)")
    }

    /// The server has taken the statement.
    mutating func didPrepare(_ key: Key, name: String) { names[key] = name }

    /// The server no longer accepts the prepared statement.
    mutating func forget(_ key: Key) { names[key] = nil }

    /// All prepared statements were deallocated.
    mutating func removeAll() { names.removeAll(keepingCapacity: true) }
}
