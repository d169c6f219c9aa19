import CascadeCore
import CascadePostgres
import CascadeStorage
import Testing

@Suite struct HiddenItemStoreTests {
    private func wish(_ user: String, _ item: String, _ seconds: Double = 1) -> HiddenItem {
        HiddenItem(userID: UserID(user), itemID: ItemID(item), since: at(seconds))
    }

    private func all(_ storage: Storage, _ user: String, after: String? = nil) async throws -> [HiddenItem] {
        try await storage.hiddenItems.hiddenItems(
            of: UserID(user), after: after.map { ItemID($0) }, limit: 1000)
    }

    @Test func wishesAreKeptUntilTheyAreTakenBack() async throws {
        try await withStorage { storage async throws in
            let store = storage.hiddenItems
            #expect(try await store.put(wish("u", "b", 5)))
            #expect(try await store.put(wish("u", "a", 9)))
            #expect(try await store.put(wish("v", "a")))
            #expect(try await !store.put(wish("u", "b", 20)))
            #expect(try await all(storage, "u") == [wish("u", "a", 9), wish("u", "b", 5)])
            #expect(try await all(storage, "u", after: "a") == [wish("u", "b", 5)])
            #expect(try await store.latestHiddenItems(of: UserID("u"), limit: 5).map(\.rawValue) == ["a", "b"])
            #expect(try await store.latestHiddenItems(of: UserID("u"), limit: 1).map(\.rawValue) == ["a"])
            #expect(try await store.remove(ItemID("a"), of: UserID("u")))
            #expect(try await !store.remove(ItemID("a"), of: UserID("u")))
            #expect(try await all(storage, "u") == [wish("u", "b", 5)])
            #expect(try await all(storage, "v") == [wish("v", "a")])
        }
    }

    @Test func identifiersMayHoldAnything() async throws {
        try await withStorage { storage async throws in
            for id in awkwardIdentifiers { #expect(try await storage.hiddenItems.put(wish(id, id))) }
            for id in awkwardIdentifiers { #expect(try await all(storage, id) == [wish(id, id)], "\(id)") }
            for (user, item) in [("", "i"), ("u", ""), ("u", String(repeating: "x", count: 257)), ("a\0", "i")] {
                #expect(await storageError { _ = try await storage.hiddenItems.put(wish(user, item)) } != nil)
            }
        }
    }

    @Test func wishesGoWithTheirUserAndStayWithTheirItem() async throws {
        try await withStorage { storage async throws in
            _ = try await storage.catalog.put([User(id: UserID("u")), User(id: UserID("v"))])
            _ = try await storage.catalog.put(Item(id: ItemID("i")))
            for user in ["u", "v"] { _ = try await storage.hiddenItems.put(wish(user, "i")) }
            try await storage.pool.execute("DELETE FROM users WHERE user_id = 'u'")
            _ = try await storage.catalog.delete(ItemID("i"))
            #expect(try await all(storage, "u").isEmpty)
            #expect(try await all(storage, "v").count == 1)
        }
    }
}
