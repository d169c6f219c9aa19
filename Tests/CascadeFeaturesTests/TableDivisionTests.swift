import CascadeCore
import Foundation
import Testing

@testable import CascadeFeatures

/// Fitted tables of features: how rows are divided, which tokens are rare, and what is wrong with settings.
@Suite struct TableDivisionTests {
    private func fit(
        _ change: (inout FeatureSettings) -> Void
    ) throws -> (map: FeatureMap, rows: EntityRows, log: InteractionLog) {
        var settings = FeatureFixtures.settings()
        change(&settings)
        let log = FeatureFixtures.log(users: 30, items: 20, rows: 900, seed: 1)
        let rows = EntityRows(users: FeatureFixtures.users(30), items: FeatureFixtures.items(25), log: log)
        let fitting = FeatureMapFitting(settings: settings, retrieval: .init(dimension: 16))
        let map = try fitting.fit(log: log, rows: rows, definitions: FeatureFixtures.definitions)
        let samples = [Float](repeating: 0.5, count: map.counterLayout.columns * 3)
        return (fitting.withCounterBins(map, samples: samples), rows, log)
    }

    private func tables(_ space: EntitySpace) -> [FeatureTable] { space.users.tables + space.items.tables }

    @Test func unifiedTablesStayAsTheyWere() throws {
        let (map, rows, _) = try fit { _ in }
        #expect(tables(map.ranker).isEmpty && map.ranker.table.rows == 1000)
        let encoded = map.ranker.encode(rows).items
        let hash = UnifiedTable.hash(rows.items[3].id.rawValue)
        #expect(
            Array(encoded.lookups[(3 * encoded.layout.lookupWidth)...].prefix(2))
                == (0..<2).map { map.ranker.table.row(hash, seed: UnifiedTable.seed(feature: "item.id", lookup: $0)) })
    }

    /// Hours and weekdays lie behind the rows of the features, one token on each stretch; unified they are hashed.
    @Test(arguments: TableEncoding.allCases) func timesHaveRowsOfTheirOwn(encoding: TableEncoding) throws {
        func map(times: Bool) throws -> FeatureMap {
            try fit {
                $0.tables = encoding
                $0.tableRows = 500
                $0.times = times
            }.map
        }
        let timed = try map(times: true)
        let times = try #require(timed.ranker.times)
        let lookups = TimeLookups(times, table: timed.ranker.table)
        var rows: [Int32] = []
        for day in 0..<7 {
            for hour in 0..<24 {
                lookups.append(Timestamp(seconds: Double(86_400 * day + 3600 * hour)), to: &rows)
            }
        }
        #expect(rows.allSatisfy { $0 >= 0 && Int($0) < timed.ranker.table.rows })
        #expect(timed.ranker.isConsistent)
        guard encoding != .unified else {
            #expect(times.first == nil)
            return
        }
        let before = try map(times: false).ranker.table.rows
        #expect(Set(rows) == Set(Int32(before)..<Int32(before + 31 * times.lookups)))
        var damaged = timed.ranker
        damaged.times?.first = Int32(damaged.table.rows - 1)
        #expect(!damaged.isConsistent)
    }

    @Test(arguments: TableEncoding.allCases, [0, 40]) func featuresDivideTheRows(
        encoding: TableEncoding, minimum: Int
    ) throws {
        let (map, rows, _) = try fit {
            $0.tables = encoding
            $0.tableRows = 500
            $0.minimumCount = minimum
        }
        let space = map.ranker
        let features = [space.users, space.items].flatMap(\.categorical)
        #expect(features.allSatisfy { ($0.hashes ?? 1) == (encoding == .multiHashSum ? 2 : 1) })
        if encoding != .unified {
            var next = 0
            for table in tables(space) {
                #expect(table.first == next)
                next += table.rows
            }
            #expect(next == space.table.rows)
        }
        if encoding == .collisionless, minimum == 0 {
            // 4 cities; the 20 of 25 items that were met, 5 creators, 7 categories with two rows each, 2 kinds with one.
            #expect(space.table.rows == 6 + 2 * (22 + 7 + 9) + 4)
        } else if encoding != .collisionless {
            #expect((480...500).contains(space.table.rows), "\(space.table.rows)")
        }
        let (users, items) = space.encode(rows)
        for encoded in [users, items] {
            #expect(encoded.lookups.count == encoded.count * encoded.layout.lookupWidth)
            #expect((encoded.lookups + encoded.tokens.joined()).allSatisfy { (0..<space.table.rows).contains(Int($0)) })
        }
        #expect(try FeatureMap.decode(map.encoded()) == map)
        let plain = map.retrieval.users.categorical + map.retrieval.items.categorical
        #expect(plain.allSatisfy { $0.encoding == nil && $0.rowsPerToken == 2 } && tables(map.retrieval).isEmpty)
    }

    /// Equal rows for equal needs: what an encoding gets of the rows goes by the vocabulary and the width.
    @Test func rowsGoByTheVocabularies() throws {
        let (map, _, _) = try fit {
            $0.tables = .hash
            $0.tableRows = 4000
        }
        let rows = Dictionary(
            uniqueKeysWithValues: zip(map.ranker.items.categorical, map.ranker.items.tables).map { ($0.name, $1.rows) })
        let (id, creator) = (try #require(rows["item.id"]), try #require(rows["item.creator"]))
        #expect(abs(Double(id) / Double(creator) - 4) < 0.1, "20 items, 5 creators: \(id), \(creator)")
    }

    @Test func tooFewRowsBecomeTheFewestThatDo() throws {
        for encoding in TableEncoding.allCases {
            let (map, rows, _) = try fit {
                $0.tables = encoding
                $0.tableRows = 1
            }
            #expect(try FeatureMap.decode(map.encoded()) == map)
            let limit = map.ranker.table.rows
            #expect(map.ranker.encode(rows).items.lookups.allSatisfy { (0..<limit).contains(Int($0)) })
        }
    }

    @Test func aFeatureCanHaveAnEncodingOfItsOwn() throws {
        let (map, rows, _) = try fit {
            $0.tableRows = 400
            var schema = FeatureSchema.automatic(FeatureFixtures.definitions)
            schema.categorical[0].encoding = .collisionless
            schema.categorical[1].encoding = .multiHashSum
            schema.categorical[1].hashes = 4
            $0.schema = schema
        }
        let space = map.ranker
        #expect(space.items.categorical.prefix(2).map(\.rowsPerToken) == [2, 8])
        #expect(space.items.tables.prefix(3).map(\.encoding) == [.collisionless, .multiHashSum, .unified])
        let shared = (space.users.tables + space.items.tables).filter { $0.encoding == .unified }
        #expect(Set(shared).count == 1 && shared[0].first == 0)
        #expect(space.items.tables[0].rows == 44 && space.table.rows <= 400 && space.table.rows > 385)
        let ids = space.encode(rows).items
        let own = (0..<25).map { Array(ids.lookups[($0 * ids.layout.lookupWidth)...].prefix(2)) }
        #expect(Set(own).count == 21, "20 that training met, and the others, which are one")
    }

    /// Whether a token is rare goes by its impressions, in training as for what comes later.
    @Test(arguments: TableEncoding.allCases) func rareTokensAreThoseOfFewImpressions(encoding: TableEncoding) throws {
        let minimum = 45
        let (map, rows, log) = try fit {
            $0.tables = encoding
            $0.minimumCount = minimum
        }
        var shown: [ItemID: Int] = [:]
        for row in 0..<log.count { shown[log.items[Int(log.itemIndex[row])], default: 0] += 1 }
        let encoder = EntityEncoder(layout: map.ranker.items, table: map.ranker.table)
        func own(_ id: ItemID) -> [Int32] {
            Array(encoder.encode([Item(id: id)]).lookups.prefix(encoder.layout.single[0].rowsPerToken))
        }
        let rare = own(ItemID("nobody has met it"))
        let expected = rows.items.map { shown[$0.id, default: 0] < minimum }
        #expect(Set(expected).count == 2)
        #expect(rows.items.map { own($0.id) == rare } == expected)
    }

    @Test func widthsFollowTheTokens() throws {
        let (map, _, _) = try fit {
            $0.widths = .fourthRoot
            $0.tableDimension = 4
        }
        // ⌈6 · 20^¼ / 4⌉, 5 creators, 2 kinds; 7 categories; 4 cities.
        #expect(map.ranker.items.categorical.map(\.lookups) == [4, 3, 2, 3])
        #expect(map.ranker.users.categorical.map(\.lookups) == [3])
        #expect(map.ranker.table.rows == 1000)
        #expect(map.retrieval.items.categorical.allSatisfy { $0.lookups == 2 })
    }

    @Test func badSettingsAreNamed() {
        var settings = FeatureSettings()
        settings.hashes = 1
        settings.minimumCount = -1
        #expect(
            settings.problems() == [
                "features.hashes must be 2 to 8", "features.minimum_count must be 0 (none is rare) or more",
            ])
        let schema = FeatureSchema(
            categorical: [
                .init(entity: .item, source: .id, lookups: 1, hashes: 9),
                .init(entity: .item, source: .creator, lookups: 1, encoding: .hash, hashes: 2),
            ], numeric: [], counters: [])
        #expect(
            schema.problems() == [
                "item.id: hashes must be 2 to 8", "item.creator: hashes are of multi_hash_sum, not of hash",
            ])
    }

    /// A map of a version that knew no tables of features is read, and is unified.
    @Test func mapsOfEarlierVersionsAreUnified() throws {
        let (map, rows, _) = try fit { _ in }
        var object = try #require(
            try JSONSerialization.jsonObject(with: map.encoded()) as? [String: Any])
        for name in ["ranker", "retrieval"] {
            var space = try #require(object[name] as? [String: Any])
            for entity in ["users", "items"] {
                var layout = try #require(space[entity] as? [String: Any])
                layout["tables"] = nil
                for kind in ["single", "multi"] {
                    let features = try #require(layout[kind] as? [[String: Any]])
                    layout[kind] = features.map { $0.filter { $0.key != "encoding" && $0.key != "hashes" } }
                }
                space[entity] = layout
            }
            object[name] = space
        }
        let earlier = try FeatureMap.decode(JSONSerialization.data(withJSONObject: object))
        #expect(earlier.ranker.encode(rows).items.lookups == map.ranker.encode(rows).items.lookups)
        #expect(earlier.ranker.encode(rows).items.tokens == map.ranker.encode(rows).items.tokens)
    }

    @Test func mapsWhoseTablesDoNotFitAreRefused() throws {
        var (map, _, _) = try fit { $0.tables = .hash }
        map.ranker.items.tables[0].first = map.ranker.table.rows
        #expect(throws: FeatureError.self) { try FeatureMap.decode(map.encoded()) }
        map.ranker.items.tables.removeFirst()
        #expect(throws: FeatureError.self) { try FeatureMap.decode(map.encoded()) }
    }

    @Test func collisionsAreCounted() throws {
        func found(_ encoding: TableEncoding, rows: Int = 60) throws -> [String: TokenCollisions] {
            let (map, entities, _) = try fit {
                $0.tables = encoding
                $0.tableRows = rows
            }
            let all = TokenCollisions.of(map.ranker, users: entities.users, items: entities.items)
            #expect(all.map(\.feature) == ["user.city", "item.id", "item.creator", "item.kind", "item.categories"])
            return Dictionary(uniqueKeysWithValues: all.map { ($0.feature, $0) })
        }
        let none = try #require(try found(.collisionless)["item.creator"])
        #expect(none.tokens == 5 && none.rows == 14)
        #expect(none.same == 0 && none.overlapping == 0 && none.foreign == 0)
        let unmet = try #require(try found(.collisionless)["item.id"])
        #expect(unmet.tokens == 25 && unmet.same == 0.2 && unmet.overlapping == 0.2, "5 items were never met")
        let unified = try found(.unified)
        #expect(unified.values.allSatisfy { $0.rows == 60 && $0.same <= $0.overlapping })
        #expect(try #require(unified["item.id"]).foreign > 0.5)
        let hashed = try found(.hash)
        #expect(hashed.values.allSatisfy { $0.foreign == 0 && $0.same == $0.overlapping })
        #expect(try #require(hashed["item.id"]).same > 0.3)
        let one = try found(.hash, rows: 1)
        #expect(try #require(one["item.id"]).same == 1, "one slot for all")
        let summed = try #require(try found(.multiHashSum)["item.id"])
        #expect(summed.same < summed.overlapping)
        #expect(TokenCollisions.of(try fit { _ in }.map.ranker, users: [], items: []).allSatisfy { $0.tokens == 0 })
    }
}
