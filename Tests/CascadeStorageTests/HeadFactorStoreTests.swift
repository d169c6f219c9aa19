import CascadeCore
import CascadeStorage
import Testing

@Suite struct HeadFactorStoreTests {
    @Test func versionsCountUpAndTheLatestIsInForce() async throws {
        try await withStorage { storage async throws in
            let store = storage.headFactors
            #expect(try await store.inForce() == nil)
            let first = try await store.change(note: "more likes") { $0.merging(["like": 2]) { $1 } }
            let second = try await store.change(note: "") { $0.merging(["click": -0.5]) { $1 } }
            #expect(first.factors == ["like": 2] && first.note == "more likes")
            #expect(second.factors == ["like": 2, "click": -0.5] && second.version == first.version + 1)
            #expect(try await store.inForce() == second)
            #expect(try await store.version(first.version) == first)
            #expect(try await store.version(99) == nil)
            #expect(try await store.versions() == [second, first])
            #expect(try await store.versions(limit: 1) == [second])
        }
    }

    @Test func whatIsNoNumberIsRefused() async throws {
        try await withStorage { storage async throws in
            let error = await storageError {
                _ = try await storage.headFactors.change(note: "") { _ in ["like": .infinity] }
            }
            guard case .invalidValue(let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("like"))
            #expect(try await storage.headFactors.inForce() == nil)
        }
    }

    @Test func changesAtOnceLoseNothing() async throws {
        try await withStorage { storage async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        _ = try await storage.headFactors.change(note: "") { former in
                            former.merging(["head\(number)": Double(number)]) { $1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await storage.headFactors.inForce()?.factors.count == 8)
        }
    }

    @Test func theActiveReleaseTellsWhatIsInForceAndServersHearOfIt() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1"])
            try await storage.releases.activate("r1")
            #expect(try await storage.releases.activeRelease()?.headFactors == nil)
            var changes = storage.releases.activations().makeAsyncIterator()
            _ = await changes.next()
            let version = try await storage.headFactors.change(note: "") { _ in ["like": 3] }
            _ = await changes.next()
            #expect(try await storage.releases.activeRelease()?.headFactors == version)
        }
    }
}
