import CascadeCore
import CascadeStorage
import Testing

@Suite struct ImportSinkTests {
    private func batch(_ count: Int, prefix: String = "") -> ImportBatch {
        var batch = ImportBatch()
        for number in 0..<count {
            let id = prefix + String(number)
            batch.users.append(
                User(id: UserID("u" + id), attributes: ["age": .number(Double(number))], createdAt: at(1)))
            batch.items.append(
                Item(id: ItemID("i" + id), title: "t\(id)", categories: ["c"], attributes: ["tags": .list(["a", "b"])]))
            batch.impressions.append(
                makeImpression("p" + id, "u" + id, "i" + id, Double(number), observed: ["click", "like"]))
            batch.events.append(makeEvent("e" + id, "click", "u" + id, "i" + id, Double(number), impression: "p" + id))
            batch.relations.append(
                UserRelation(
                    userID: UserID("u" + id), kind: .follow, target: "c\(number % 7)", since: at(Double(number))))
        }
        return batch
    }

    private func outcome(_ kind: AppendResult) -> ImportOutcome {
        var outcome = ImportOutcome()
        outcome.users = kind
        outcome.items = kind
        outcome.impressions = kind
        outcome.events = kind
        outcome.relations = kind
        return outcome
    }

    @Test func aSecondRunAddsNothing() async throws {
        try await withStorage { storage async throws in
            let batch = batch(500)
            #expect(try await storage.importSink.write(batch) == outcome(AppendResult(inserted: 500)))
            let before = try await storage.feedback.interactions(in: Period()).rows
            #expect(try await storage.importSink.write(batch) == outcome(AppendResult(duplicates: 500)))
            #expect(try await storage.feedback.interactions(in: Period()).rows == before)
            #expect(before.count == 500 && before.allSatisfy { $0.given == 1 && $0.observed == 3 })
            #expect(try await storage.catalog.users().count == 500)
            #expect(try await storage.catalog.item(ItemID("i7")) == batch.items[7])
            #expect(try await storage.importSink.write(ImportBatch()) == ImportOutcome())
        }
    }

    @Test func duplicatesInsideABatchAreCounted() async throws {
        try await withStorage { storage async throws in
            var batch = batch(100)
            batch.users += batch.users.prefix(10)
            batch.items += batch.items.prefix(10)
            batch.impressions += batch.impressions.prefix(10)
            batch.events += batch.events.prefix(10)
            batch.relations += batch.relations.prefix(10)
            #expect(try await storage.importSink.write(batch) == outcome(AppendResult(inserted: 100, duplicates: 10)))
            #expect(try await storage.importSink.write(batch) == outcome(AppendResult(duplicates: 110)))
        }
    }

    @Test func laterRowsAreLaidOverEarlierOnes() async throws {
        try await withStorage { storage async throws in
            var first = ImportBatch()
            first.users = [User(id: UserID("u"), attributes: ["a": .number(1), "b": .text("x")], createdAt: at(1))]
            first.items = [
                Item(
                    id: ItemID("i"), title: "old", creatorID: "c", categories: ["k"], attributes: ["a": .flag(true)],
                    createdAt: at(1), hidden: true)
            ]
            _ = try await storage.importSink.write(first)
            var second = ImportBatch()
            second.users = [
                User(id: UserID("u"), attributes: ["b": .text("y")]),
                User(id: UserID("u"), attributes: ["c": .list(["z"])]),
            ]
            second.items = [Item(id: ItemID("i"), title: "new", attributes: ["d": .number(2)])]
            let outcome = try await storage.importSink.write(second)
            // Changed rows are neither new nor duplicates.
            #expect(outcome.users == AppendResult() && outcome.items == AppendResult())
            let expected = User(
                id: UserID("u"), attributes: ["a": .number(1), "b": .text("y"), "c": .list(["z"])], createdAt: at(1))
            #expect(try await storage.catalog.user(UserID("u")) == expected)
            let item = Item(
                id: ItemID("i"), title: "new", creatorID: "c", categories: ["k"],
                attributes: ["a": .flag(true), "d": .number(2)], createdAt: at(1), hidden: true)
            #expect(try await storage.catalog.item(ItemID("i")) == item)
            #expect(
                try await storage.catalog.attributeDefinitions().map(\.name) == ["a", "b", "c", "a", "d"])
        }
    }

    @Test func whatFailsHalfWayLeavesNothing() async throws {
        try await withStorage { storage async throws in
            var batch = batch(200)
            // Events come last, when users, items and impressions are written already.
            batch.events.append(makeEvent(String(repeating: "x", count: 300), "click", "u", "i", 0))
            let error = await storageError { [batch] in _ = try await storage.importSink.write(batch) }
            guard case .refusedValue = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let counts = try await storage.counts()
            #expect(
                counts
                    == CatalogCounts(
                        users: 0, items: 0, hiddenItems: 0, impressions: 0, events: 0, latestFeedbackAt: nil))
            #expect(try await storage.catalog.attributeDefinitions().isEmpty)
            batch.events.removeLast()
            #expect(try await storage.importSink.write(batch) == outcome(AppendResult(inserted: 200)))
        }
    }

    @Test func anUnencodableRowLeavesNothing() async throws {
        try await withStorage(connections: 1) { storage async throws in
            var batch = batch(50)
            batch.impressions.append(makeImpression("nul\u{0}", "u", "i", 0))
            let error = await storageError { [batch] in _ = try await storage.importSink.write(batch) }
            #expect(error != nil && error?.isUnavailable == false)
            let counts = try await storage.counts()
            #expect(counts.users == 0)
            batch.impressions.removeLast()
            // The one connection is still good.
            #expect(try await storage.importSink.write(batch) == outcome(AppendResult(inserted: 50)))
        }
    }

    @Test func awkwardIdentifiersSurvive() async throws {
        try await withStorage { storage async throws in
            var batch = ImportBatch()
            for identifier in awkwardIdentifiers {
                batch.users.append(User(id: UserID(identifier), attributes: ["x": .text(identifier)]))
                batch.items.append(
                    Item(id: ItemID(identifier), title: identifier, creatorID: identifier, categories: [identifier]))
                batch.impressions.append(makeImpression(identifier, identifier, identifier, 0))
                batch.events.append(makeEvent(identifier, "click", identifier, identifier, 1, impression: identifier))
                batch.relations.append(UserRelation(userID: UserID(identifier), kind: .follow, target: identifier))
            }
            let count = awkwardIdentifiers.count
            #expect(try await storage.importSink.write(batch) == outcome(AppendResult(inserted: count)))
            #expect(try await storage.importSink.write(batch) == outcome(AppendResult(duplicates: count)))
            for (item, user) in zip(batch.items, batch.users) {
                #expect(try await storage.catalog.item(item.id) == item)
                #expect(try await storage.catalog.user(user.id) == user)
            }
            #expect(try await storage.feedback.interactions(in: Period()).feedback.allSatisfy { $0 == 1 })
        }
    }

    @Test func importsAtOnceOfTheSameRowsInsertEachOnce() async throws {
        try await withStorage { storage async throws in
            let batch = batch(800)
            let inserted = try await withThrowingTaskGroup(of: ImportOutcome.self) { group in
                for seed in 0..<6 {
                    group.addTask {
                        var random = SeededRandom(seed: UInt64(seed))
                        var shuffled = batch
                        shuffled.users.shuffle(using: &random)
                        shuffled.items.shuffle(using: &random)
                        shuffled.impressions.shuffle(using: &random)
                        shuffled.events.shuffle(using: &random)
                        return try await storage.importSink.write(shuffled)
                    }
                }
                return try await group.reduce(into: [ImportOutcome]()) { $0.append($1) }
            }
            #expect(inserted.map(\.events.inserted).reduce(0, +) == 800)
            #expect(inserted.map(\.impressions.inserted).reduce(0, +) == 800)
            #expect(inserted.map(\.users.inserted).reduce(0, +) == 800)
            #expect(inserted.map(\.items.duplicates).reduce(0, +) == 5 * 800)
        }
    }

    @Test func theApiAndTheImportKnowTheSameRows() async throws {
        try await withStorage { storage async throws in
            let batch = batch(20)
            _ = try await storage.feedback.append(batch.impressions)
            _ = try await storage.feedback.append(batch.events)
            _ = try await storage.catalog.put(batch.users[0])
            _ = try await storage.catalog.put(batch.items[0])
            let outcome = try await storage.importSink.write(batch)
            #expect(outcome.impressions == AppendResult(duplicates: 20))
            #expect(outcome.events == AppendResult(duplicates: 20))
            #expect(outcome.users == AppendResult(inserted: 19, duplicates: 1))
            #expect(outcome.items == AppendResult(inserted: 19, duplicates: 1))
        }
    }

    @Test func tooManySignalsStopABatchBeforeItIsWritten() async throws {
        try await withStorage { storage async throws in
            var batch = batch(1)
            for number in 0..<40 { batch.events.append(makeEvent("s\(number)", "s\(number)", "u", "i", 0)) }
            let error = await storageError { [batch] in _ = try await storage.importSink.write(batch) }
            guard case .tooManySignals = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let counts = try await storage.counts()
            #expect(counts.impressions == 0)
        }
    }
}
