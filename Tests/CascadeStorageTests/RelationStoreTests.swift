import CascadeCore
import CascadePostgres
import CascadeStorage
import Testing

@Suite struct RelationStoreTests {
    private func follow(_ user: String, _ creator: String, _ seconds: Double? = nil) -> UserRelation {
        UserRelation(userID: UserID(user), kind: .follow, target: creator, since: seconds.map(at))
    }

    private func all(_ storage: Storage, _ user: String) async throws -> [UserRelation] {
        try await storage.relations.relations(of: UserID(user), kind: .follow, after: nil, limit: 1000)
    }

    @Test func whatIsPutIsReadUntilItIsRemoved() async throws {
        try await withStorage { storage async throws in
            let store = storage.relations
            #expect(try await store.put(follow("u", "b", 5)))
            #expect(try await store.put(follow("u", "a")))
            #expect(try await store.put(follow("v", "a", 1)))
            #expect(try await !store.put(follow("u", "b", 9)))
            #expect(try await all(storage, "u") == [follow("u", "a"), follow("u", "b", 5)])
            // One without a time takes the first that is told.
            #expect(try await !store.put(follow("u", "a", 7)))
            #expect(try await store.latestTargets(of: UserID("u"), kind: .follow, limit: 10) == ["a", "b"])
            #expect(try await store.remove(.follow, of: UserID("u"), to: "a"))
            #expect(try await !store.remove(.follow, of: UserID("u"), to: "a"))
            #expect(try await all(storage, "u") == [follow("u", "b", 5)])
            #expect(try await all(storage, "v") == [follow("v", "a", 1)])
        }
    }

    @Test func listsAreCutAndContinued() async throws {
        try await withStorage { storage async throws in
            for number in 0..<5 { _ = try await storage.relations.put(follow("u", "c\(number)", Double(number))) }
            _ = try await storage.relations.put(follow("u", "never"))
            let user = UserID("u")
            let page = try await storage.relations.relations(of: user, kind: .follow, after: "c1", limit: 2)
            #expect(page.map(\.target) == ["c2", "c3"])
            let latest = try await storage.relations.latestTargets(of: user, kind: .follow, limit: 6)
            #expect(latest == ["c4", "c3", "c2", "c1", "c0", "never"])
            #expect(try await storage.relations.latestTargets(of: user, kind: .follow, limit: 2) == ["c4", "c3"])
        }
    }

    @Test func identifiersMayHoldAnything() async throws {
        try await withStorage { storage async throws in
            for id in awkwardIdentifiers { #expect(try await storage.relations.put(follow(id, id, 1))) }
            for id in awkwardIdentifiers { #expect(try await all(storage, id) == [follow(id, id, 1)], "\(id)") }
        }
    }

    @Test func badIdentifiersAreRefused() async throws {
        try await withStorage { storage async throws in
            for (user, creator) in [("", "c"), ("u", ""), ("u", String(repeating: "x", count: 257)), ("a\0b", "c")] {
                let error = await storageError { _ = try await storage.relations.put(follow(user, creator)) }
                #expect(error != nil, "\(user) \(creator)")
            }
        }
    }

    @Test func anImportMergesRelations() async throws {
        try await withStorage { storage async throws in
            _ = try await storage.relations.put(follow("u", "a", 1))
            var batch = ImportBatch()
            batch.relations = [
                follow("u", "a"), follow("u", "b", 2), follow("u", "b"), follow("u", "c", 3), follow("u", "c", 4),
                // The parts of two keys that read the same side by side.
                follow("uf", "ollow", 1), follow("u", "f", 1),
            ]
            let first = try await storage.importSink.write(batch)
            #expect(first.relations == AppendResult(inserted: 4, duplicates: 2))
            #expect(
                try await all(storage, "u")
                    == [follow("u", "a", 1), follow("u", "b", 2), follow("u", "c", 4), follow("u", "f", 1)])
            let second = try await storage.importSink.write(batch)
            #expect(second.relations == AppendResult(duplicates: 6))
        }
    }

    @Test func relationsGoWithTheirUser() async throws {
        try await withStorage { storage async throws in
            for user in ["u", "v", "w"] {
                _ = try await storage.catalog.put(User(id: UserID(user)))
                _ = try await storage.relations.put(follow(user, "a"))
            }
            _ = try await storage.relations.put(follow("stranger", "a"))
            try await storage.pool.withConnection { connection in
                _ = try await connection.execute("DELETE FROM users WHERE user_id IN ('u', 'v')")
            }
            for (user, count) in [("u", 0), ("v", 0), ("w", 1), ("stranger", 1)] {
                #expect(try await all(storage, user).count == count)
            }
        }
    }
}
