import CascadeCore
import CascadeStorage
import Testing

@Suite struct SignalRegistryTests {
    @Test func namesKeepTheirNumbers() async throws {
        try await withStorage { storage async throws in
            try await storage.signals.register(["like", "click"])
            try await storage.signals.register(["click", "view", "like"])
            #expect(try await storage.signals.names() == ["like", "click", "view"])
            #expect(try await Storage(pool: storage.pool).signals.names() == ["like", "click", "view"])
        }
    }

    @Test func theThirtyThirdIsRefusedAndNamesWhatThereIs() async throws {
        try await withStorage { storage async throws in
            let names = (0..<31).map { "s\($0)" }
            try await storage.signals.register(names)
            let error = await storageError { try await storage.signals.register(["one", "two"]) }
            #expect(error == .tooManySignals(known: names, refused: ["one", "two"]))
            #expect(error?.description.contains("map several") == true)
            #expect(try await storage.signals.names().count == 31)
            try await storage.signals.register(["last"])
            #expect(try await storage.signals.names().last == "last")
        }
    }

    @Test func theLastBitIsReadAsItWasWritten() async throws {
        try await withStorage { storage async throws in
            try await storage.signals.register((0..<32).map { "s\($0)" })
            let all = (0..<32).map { "s\($0)" }
            _ = try await storage.feedback.append([makeImpression("p", "u", "i", 0, observed: ["s31", "s0"])])
            _ = try await storage.feedback.append([
                makeEvent("e1", "s31", "u", "i", 1, impression: "p"), makeEvent("e2", "s31", "u", "j", 2),
            ])
            let log = try await storage.feedback.interactions(in: Period())
            #expect(log.signals == all)
            #expect(log.feedback == [1 << 31, 1 << 31])
            #expect(log.observed == [1 << 31 | 1, 1 << 31])
            let history = try await storage.feedback.history(of: UserID("u"), before: nil, limit: 5)
            #expect(history.map(\.signals) == [["s31"], ["s31"]])
        }
    }

    @Test func registeringAtOnceNumbersEachOnce() async throws {
        try await withStorage { storage async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for shift in 0..<12 {
                    group.addTask {
                        let fresh = Storage(pool: storage.pool)
                        try await fresh.signals.register((0..<6).map { "s\(($0 + shift) % 10)" })
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await storage.signals.names().sorted() == (0..<10).map { "s\($0)" })
        }
    }
}
