import CascadeCore
import CascadePostgres
import Testing

@testable import CascadeStorage

@Suite struct APIKeyStoreTests {
    private static func key(_ id: String, _ byte: UInt8, _ scopes: Set<APIScope> = [.recommend]) -> APIKey {
        APIKey(
            id: id, name: "shop's \"front\"", digest: [UInt8](repeating: byte, count: 32), scopes: scopes,
            createdAt: at(Double(byte)))
    }

    @Test func keysAreKeptUntilTheyAreRevoked() async throws {
        try await withStorage { storage async throws in
            let keys = storage.apiKeys
            let (first, second) = (Self.key("key_1", 1), Self.key("key_2", 2, [.catalog, .feedback]))
            try await keys.add(first)
            try await keys.add(second)
            #expect(try await keys.keys() == [second, first])
            #expect(try await keys.revoke("key_1"))
            #expect(try await !keys.revoke("key_1"), "once is enough")
            #expect(try await !keys.revoke("key_9"))
            let left = try await keys.keys()
            #expect(left.map { $0.revokedAt == nil } == [true, false])
        }
    }

    @Test func aKeyIsKeptOnce() async throws {
        try await withStorage { storage async throws in
            try await storage.apiKeys.add(Self.key("key_1", 1))
            for again in [Self.key("key_1", 2), Self.key("key_2", 1)] {
                await #expect(throws: StorageError.alreadyRegistered(id: again.id)) {
                    try await storage.apiKeys.add(again)
                }
            }
            #expect(try await storage.apiKeys.keys().count == 1)
        }
    }

    /// What a later version wrote opens nothing that this one knows.
    @Test func anUnknownScopeAllowsNothing() async throws {
        try await withStorage { storage async throws in
            try await storage.apiKeys.add(Self.key("key_1", 1, [.inspect]))
            try await storage.pool.execute("UPDATE api_keys SET scopes = ARRAY['later', 'inspect']")
            #expect(try await storage.apiKeys.keys().first?.scopes == [.inspect])
        }
    }
}
