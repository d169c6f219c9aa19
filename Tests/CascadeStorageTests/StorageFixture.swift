import CascadeCore
import CascadeStorage
import CascadeTestSupport

/// Lends the stores over a fresh, migrated database.
nonisolated(nonsending) func withStorage<Value>(
    connections: Int = 8, _ body: (Storage) async throws -> Value
) async throws -> Value {
    try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations, connections: connections) { database in
        try await body(Storage(pool: database.pool))
    }
}

/// Identifiers that break whatever quotes or splits them wrongly; each has at most 256 bytes.
let awkwardIdentifiers = [
    "plain", " leading and trailing ", "a/b/../c", "it's", "say \"hi\"", "tab\there", "line\nbreak", "return\r",
    "back\\slash", "\\N", "\\.", "NULL", "null", "{a,b}", "$1", "%s;--", "ключ", "鍵", "🔑", "e\u{301}", "\u{e9}",
    "\u{202e}rtl", "\u{1}", "\u{7f}", String(repeating: "x", count: 256), String(repeating: "é", count: 128),
]

/// A time `seconds` after a fixed one.
func at(_ seconds: Double) -> Timestamp { Timestamp(microseconds: 1_650_000_000_000_000).adding(seconds: seconds) }

func makeImpression(
    _ id: String, _ user: String, _ item: String, _ seconds: Double, recommendation: String? = nil,
    observed: [String]? = nil
) -> Impression {
    Impression(
        id: id, userID: UserID(user), itemID: ItemID(item), shownAt: at(seconds), recommendationID: recommendation,
        observed: observed)
}

func makeEvent(
    _ id: String, _ type: String, _ user: String, _ item: String, _ seconds: Double, impression: String? = nil,
    recommendation: String? = nil
) -> Event {
    Event(
        id: id, type: type, userID: UserID(user), itemID: ItemID(item), occurredAt: at(seconds),
        impressionID: impression, recommendationID: recommendation)
}

/// The error of `body`, or nil when it succeeds or fails otherwise.
nonisolated(nonsending) func storageError(_ body: () async throws -> Void) async -> StorageError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? StorageError
    }
}
