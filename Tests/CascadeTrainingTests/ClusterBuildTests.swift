import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeTraining
import Testing

@Suite struct ClusterBuildTests {
    static let items = 120
    static let communities = 4

    /// Users who each take items of one community, those of the same remainder; the last `unmet` items are never met.
    static func log(users: Int = 80, unmet: Int = 0, takes: Int = 9) -> InteractionLog {
        var random = SeededRandom(seed: 5)
        var log = InteractionLog()
        log.users = (0..<users).map { UserID(name("u", $0)) }
        log.items = (0..<items).map { ItemID(name("i", $0)) }
        log.signals = ["click"]
        for user in 0..<users {
            for step in 0..<takes {
                let item = random.below((items - unmet) / communities) * communities + user % communities
                // Every third row was shown and passed over: an item of any community.
                let isPassed = step % 3 == 2
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(isPassed ? random.below(items - unmet) : item))
                log.time.append(Int64(step) * 60_000_000)
                log.feedback.append(isPassed ? 0 : 1)
                log.observed.append(1)
                log.isImpression.append(true)
            }
        }
        return log
    }

    static func name(_ prefix: String, _ number: Int) -> String {
        prefix + String(repeating: "0", count: 4 - String(number).count) + String(number)
    }

    static func rows(_ log: InteractionLog, change: (Int, inout Item) -> Void = { _, _ in }) -> EntityRows {
        let items = (0..<items).map { number in
            var item = Item(id: ItemID(name("i", number)))
            change(number, &item)
            return item
        }
        return EntityRows(users: [], items: items, log: log)
    }

    static func encoded(_ log: InteractionLog, _ rows: EntityRows) -> EncodedLog {
        EncodedLog(log, catalog: rows, heads: ["click"], historySignals: ["click"])
    }

    /// Vectors near the axis of each item's community.
    static func vectors(items: Int = items, seed: UInt64 = 3, communities: Int = communities) -> [Float] {
        var random = SeededRandom(seed: seed)
        return (0..<items).flatMap { item in
            (0..<6).map { ($0 == item % communities ? 1 : 0) + Float(random.uniform() - 0.5) * 0.2 }
        }
    }

    static func settings(_ source: ClusterSource, clusters: Int = communities) -> InterestSettings {
        var settings = InterestSettings()
        settings.clusterBy = source
        settings.clusters = clusters
        return settings
    }

    /// Whether two items share a cluster just where they share a community; only the first `count` items are looked at.
    static func isPlanted(_ assignments: [Int32], count: Int = items) -> Bool {
        let clusters = (0..<communities).map {
            Set(stride(from: $0, to: count, by: communities).map { assignments[$0] })
        }
        return clusters.allSatisfy { $0.count == 1 } && Set(clusters).count == communities
    }

    static func build(_ settings: InterestSettings, seed: UInt64 = 1, threads: Int = 2) -> ClusterBuild {
        ClusterBuild(settings: settings, seed: seed, threads: threads)
    }

    @Test(arguments: [ClusterSource.itemTower, .skipGram])
    func plantedCommunitiesAreFound(source: ClusterSource) throws {
        let log = Self.log(users: 200)
        let rows = Self.rows(log)
        // What the other source says is nothing to go by.
        let vectors = source == .itemTower ? Self.vectors() : Self.vectors(communities: 1)
        let build = Self.build(Self.settings(source))
        let encoded = Self.encoded(log, rows)
        let found = try build.assign(log: encoded, items: rows.items, itemVectors: vectors, dimension: 6)
        #expect(found.count == Self.communities)
        #expect(found.names.isEmpty)
        #expect(Self.isPlanted(found.assignments))
        let again = try build.assign(log: encoded, items: rows.items, itemVectors: vectors, dimension: 6)
        #expect(again.assignments == found.assignments)
    }

    @Test func itemsWithoutSequencesGoWhereTheirVectorsLie() throws {
        let log = Self.log(unmet: 20)
        let rows = Self.rows(log)
        let found = try Self.build(Self.settings(.skipGram)).assign(
            log: Self.encoded(log, rows), items: rows.items, itemVectors: Self.vectors(), dimension: 6)
        #expect(Self.isPlanted(found.assignments, count: Self.items - 20))
        #expect(Self.isPlanted(found.assignments))
    }

    @Test(arguments: [ClusterSource.itemTower, .skipGram])
    func noClusterIsLargerThanTheSlackAllows(source: ClusterSource) throws {
        let log = Self.log(unmet: 40)
        let rows = Self.rows(log)
        var settings = Self.settings(source, clusters: 7)
        // All vectors nearly alike.
        let vectors = Self.vectors(communities: 1)
        for slack in [1.0, 1.3] {
            settings.slack = slack
            let found = try Self.build(settings).assign(
                log: Self.encoded(log, rows), items: rows.items, itemVectors: vectors, dimension: 6)
            let sizes = ClusterSizes(found.assignments, count: found.count)
            #expect(sizes.largest <= Int((slack * Double(Self.items) / 7).rounded(.up)), "\(source), slack \(slack)")
            #expect(sizes.items == Self.items)
        }
    }

    @Test func thereAreNoMoreClustersThanMetItems() throws {
        var log = InteractionLog()
        (log.users, log.items, log.signals) = ([UserID("u")], [ItemID("i0000"), ItemID("i0002")], ["click"])
        (log.userIndex, log.itemIndex, log.time) = ([0, 0], [0, 1], [0, 1_000_000])
        (log.feedback, log.observed, log.isImpression) = ([1, 1], [1, 1], [false, false])
        let rows = Self.rows(log)
        for source in [ClusterSource.itemTower, .skipGram] {
            let found = try Self.build(Self.settings(source, clusters: 32)).assign(
                log: Self.encoded(log, rows), items: rows.items, itemVectors: Self.vectors(), dimension: 6)
            #expect(found.count == 2, "\(source)")
            #expect(found.assignments.count == Self.items)
            #expect(Set(found.assignments) == [0, 1], "\(source)")
        }
        let one = EntityRows(users: [], items: [Item(id: ItemID("i0000"))], log: InteractionLog())
        let found = try Self.build(Self.settings(.itemTower, clusters: 32)).assign(
            log: Self.encoded(InteractionLog(), one), items: one.items, itemVectors: [0, 0], dimension: 2)
        #expect(found.assignments == [0])
        #expect(found.count == 1)
    }

    @Test func categoriesNameTheirClusters() throws {
        let log = Self.log()
        let rows = Self.rows(log) { number, item in
            if number % 4 != 0 { item.categories = ["c\(number % 4)", "other"] }
            item.attributes["tag"] = number % 2 == 0 ? .list(["even", "x"]) : .number(7)
        }
        var settings = Self.settings(.category)
        let vectors = Self.vectors()
        let encoded = Self.encoded(log, rows)
        let found = try Self.build(settings).assign(
            log: encoded, items: rows.items, itemVectors: vectors, dimension: 6)
        #expect(found.names == ["", "c1", "c2", "c3"])
        #expect(found.count == 4)
        #expect(found.assignments == (0..<Self.items).map { Int32($0 % 4) })
        settings.category = "tag"
        let tagged = try Self.build(settings).assign(
            log: encoded, items: rows.items, itemVectors: vectors, dimension: 6)
        #expect(tagged.names == ["7", "even"])
        #expect(tagged.assignments[1] == 0 && tagged.assignments[2] == 1)
        #expect(settings.clusterName(of: rows.items[2]) == "even")
        #expect(settings.clusterName(of: Item(id: ItemID("x"))) == "")
        #expect(Self.settings(.itemTower).clusterName(of: rows.items[2]) == nil)
    }

    @Test func badInputIsAnError() throws {
        let log = Self.log()
        let rows = Self.rows(log) { number, item in item.attributes["id"] = .number(Double(number)) }
        let encoded = Self.encoded(log, rows)
        func fails(
            _ settings: InterestSettings, _ word: String, log: EncodedLog? = nil, items: [Item]? = nil,
            vectors: [Float] = Self.vectors()
        ) {
            #expect("\(word)") {
                _ = try Self.build(settings).assign(
                    log: log ?? encoded, items: items ?? rows.items, itemVectors: vectors, dimension: 6)
            } throws: { error in
                "\(error)".contains(word)
            }
        }
        fails(Self.settings(.itemTower), "120 items", vectors: [1, 2])
        fails(Self.settings(.itemTower), "cascade import", items: [])
        fails(Self.settings(.itemTower, clusters: 1), "interests.clusters")
        fails(Self.settings(.category), "no item has a category")
        var settings = Self.settings(.category)
        settings.category = "nothing"
        fails(settings, "'nothing'")
        settings.category = "id"
        let many = (0..<4097).map { Item(id: ItemID("i\($0)"), attributes: ["id": .number(Double($0))]) }
        fails(settings, "4097 values", items: many, vectors: [Float](repeating: 0, count: 6 * 4097))
        let single = Self.log(takes: 1)
        fails(Self.settings(.skipGram), "two items", log: Self.encoded(single, Self.rows(single)))
        var poisoned = Self.vectors()
        poisoned[8] = .nan
        fails(Self.settings(.itemTower), "not finite", vectors: poisoned)
    }

    @Test func sizesAreToldInOneLine() {
        let sizes = ClusterSizes([0, 0, 2, 0, 1], count: 4)
        #expect("\(sizes)" == "4 clusters of 5 items: largest 3, mean 1.3, smallest 0, 1 empty")
        #expect(ClusterSizes([], count: 0).mean == 0)
    }
}
