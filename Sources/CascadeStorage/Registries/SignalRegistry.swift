import CascadePostgres
import Synchronization

/// The kinds of feedback and their numbers, which are the bits of every feedback mask.
///
/// A signal is numbered when it is first named and never renumbered or removed, so what was once read stays true and
/// only unknown names ask the database.
package final class SignalRegistry: Sendable {
    /// The number of bits of a mask.
    package static let maximum = 32

    private struct Known {
        /// In the order of their numbers.
        var names: [String] = []
        var numbers: [String: Int] = [:]
    }

    private let database: Database
    private let known = Mutex(Known())

    init(_ database: Database) { self.database = database }

    /// The names of all signals; the place of a name is its number.
    package func names() async throws -> [String] {
        let names = try await database.run { session in try Self.read(session) }
        remember(names)
        return names
    }

    /// Makes sure that all `names` are registered; new ones get the next numbers in the given order.
    ///
    /// Throws `.tooManySignals` and registers none of them when there would be more than `maximum`, and
    /// `.refusedValue` for a name that is empty or longer than 256 bytes.
    package func register(_ names: [String]) async throws {
        let missing = known.withLock { known in names.filter { known.numbers[$0] == nil } }
        if missing.isEmpty { return }
        remember(try await database.transaction { session in try Self.add(missing, session) })
    }

    /// The numbers of `names`, registering those that are new.
    func numbers(of names: some Sequence<String> & Sendable) async throws -> [String: Int] {
        let distinct = Set(names)
        try await register(distinct.sorted(by: ByteOrder.precedes))
        return known.withLock { known in known.numbers.filter { distinct.contains($0.key) } }
    }

    /// The names of at least the bits of `mask`; asks the database only for a bit that is new to this process.
    func names(covering mask: UInt32) async throws -> [String] {
        let names = known.withLock { $0.names }
        if UInt32.bitWidth - mask.leadingZeroBitCount <= names.count { return names }
        return try await self.names()
    }

    /// The names in the order of their numbers, which leave no gap.
    static func read(_ session: PostgresSession) throws(PostgresError) -> [String] {
        try session.query("SELECT name FROM signals ORDER BY signal_id").column("name")
    }

    private func remember(_ names: [String]) {
        known.withLock { known in
            // Numbers are only ever added; what was read earlier may be remembered later.
            if names.count <= known.names.count { return }
            known.names = names
            known.numbers = Dictionary(zip(names, 0...), uniquingKeysWith: { first, _ in first })
        }
    }

    private static func add(_ names: [String], _ session: PostgresSession) throws -> [String] {
        // Two programs that number signals at once would give one number twice.
        // Not a lock of the table, which takes the right to change its rows.
        try session.query("SELECT pg_advisory_xact_lock(hashtextextended('cascade signals', 0))")
        var all = try read(session)
        var taken = Set(all)
        let added = names.filter { taken.insert($0).inserted }
        if all.count + added.count > maximum { throw StorageError.tooManySignals(known: all, refused: added) }
        for name in added {
            try session.execute("INSERT INTO signals (signal_id, name) VALUES (\(Int32(all.count))::int2, \(name))")
            all.append(name)
        }
        return all
    }
}
