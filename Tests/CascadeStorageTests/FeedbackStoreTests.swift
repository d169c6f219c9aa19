import CascadeCore
import CascadePostgres
import CascadeStorage
import Testing

@Suite struct FeedbackStoreTests {
    @Test func duplicatesAreCountedAndChangeNothing() async throws {
        try await withStorage { storage async throws in
            let event = makeEvent("e", "click", "u", "i", 0)
            var later = event
            later.itemID = ItemID("other")
            #expect(try await storage.feedback.append([event, later]) == AppendResult(inserted: 1, duplicates: 1))
            #expect(try await storage.feedback.append([later]) == AppendResult(inserted: 0, duplicates: 1))
            let log = try await storage.feedback.interactions(in: Period())
            #expect(log.items.count == 1)
            let impressions = [makeImpression("p", "u", "a", 0), makeImpression("p", "u", "b", 0)]
            #expect(try await storage.feedback.append(impressions) == AppendResult(inserted: 2, duplicates: 0))
            #expect(try await storage.feedback.append(impressions) == AppendResult(inserted: 0, duplicates: 2))
            #expect(try await storage.feedback.append([Event]()) == AppendResult())
        }
    }

    @Test func allMembersAreWritten() async throws {
        try await withStorage { storage async throws in
            let event = Event(
                id: "e/\"1\"", type: "rating", userID: UserID("u"), itemID: ItemID("i"), occurredAt: at(1.000001),
                value: 4.5, impressionID: "p", recommendationID: "r", sessionID: "s", position: 3)
            let impression = Impression(
                id: "p", userID: UserID("u"), itemID: ItemID("i"), shownAt: at(1), position: 7, propensity: 0.25,
                recommendationID: "r", observed: ["rating"])
            _ = try await storage.feedback.append([event])
            _ = try await storage.feedback.append([impression])
            let row = try await storage.pool.query(
                """
                SELECT e.value, e.session_id, e.position AS event_position, i.position, i.propensity,
                    i.recommendation_id, e.recommendation_id AS event_recommendation, i.observed
                FROM events e JOIN impressions i USING (impression_id, item_id)
                """
            ).single()
            #expect(try row.decode("value", as: Double.self) == 4.5)
            #expect(try row.decode("session_id", as: String.self) == "s")
            #expect(try row.decode("event_position", as: Int.self) == 3)
            #expect(try row.decode("position", as: Int.self) == 7)
            #expect(try row.decode("propensity", as: Double.self) == 0.25)
            #expect(try row.decode("recommendation_id", as: String.self) == "r")
            #expect(try row.decode("event_recommendation", as: String.self) == "r")
            #expect(try row.decode("observed", as: Int.self) == 1)
        }
    }

    @Test func awkwardIdentifiersSurvive() async throws {
        try await withStorage { storage async throws in
            let impressions = awkwardIdentifiers.map { makeImpression($0, $0, $0, 0, recommendation: $0) }
            let events = awkwardIdentifiers.map { makeEvent($0, "click", $0, $0, 1, impression: $0) }
            #expect(try await storage.feedback.append(impressions).inserted == awkwardIdentifiers.count)
            #expect(try await storage.feedback.append(events).inserted == awkwardIdentifiers.count)
            let log = try await storage.feedback.interactions(in: Period())
            let sorted = awkwardIdentifiers.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(log.users.map { Array($0.rawValue.utf8) } == sorted)
            #expect(log.items.map { Array($0.rawValue.utf8) } == sorted)
            #expect(log.feedback.allSatisfy { $0 == 1 } && log.isImpression.allSatisfy { $0 })
            for identifier in awkwardIdentifiers {
                let history = try await storage.feedback.history(of: UserID(identifier), before: nil, limit: 9)
                #expect(history == [HistoryEntry(itemID: ItemID(identifier), at: at(0), signals: ["click"])])
            }
        }
    }

    @Test func manyRowsAreOneTransaction() async throws {
        try await withStorage { storage async throws in
            var events = (0..<2500).map { makeEvent("e\($0)", "click", "u\($0 % 7)", "i", Double($0)) }
            #expect(try await storage.feedback.append(events).inserted == 2500)
            events.append(makeEvent("new", "click", "u", "i", 0))
            events.append(makeEvent("bad", "click", "", "i", 0))
            let error = await storageError { _ = try await storage.feedback.append(events) }
            guard case .refusedValue = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await storage.counts().events == 2500)
        }
    }

    @Test func aPositionBeyondTheColumnIsRefused() async throws {
        try await withStorage { storage async throws in
            var event = makeEvent("e", "click", "u", "i", 0)
            event.position = 1 << 40
            let error = await storageError { [event] in _ = try await storage.feedback.append([event]) }
            guard case .invalidValue(let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("\(1 << 40)"))
        }
    }

    @Test func aPropensityOutsideItsRangeIsRefused() async throws {
        try await withStorage { storage async throws in
            for propensity in [0, -0.5, 1.5] {
                var impression = makeImpression("p", "u", "i", 0)
                impression.propensity = propensity
                let error = await storageError { [impression] in _ = try await storage.feedback.append([impression]) }
                guard case .refusedValue = error else {
                    Issue.record("\(propensity): \(String(describing: error))")
                    continue
                }
            }
        }
    }
}
