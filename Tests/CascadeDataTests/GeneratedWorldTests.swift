import CascadeCore
import Foundation
import Testing

@testable import CascadeData

@Suite struct GeneratedWorldTests {
    private static func small(seed: UInt64 = 7) -> WorldSettings {
        var settings = WorldSettings()
        settings.users = 300
        settings.items = 200
        settings.impressions = 6000
        settings.interests = 8
        settings.seed = seed
        return settings
    }

    private func log(_ world: GeneratedWorld) -> ImportBatch {
        var all = ImportBatch()
        world.forEachBatch(rows: 1000) { batch in
            all.users += batch.users
            all.items += batch.items
            all.impressions += batch.impressions
            all.events += batch.events
            return true
        }
        return all
    }

    @Test func theSeedFixesEverything() throws {
        let first = log(try GeneratedWorld(Self.small()))
        let second = log(try GeneratedWorld(Self.small()))
        #expect(first.users == second.users)
        #expect(first.items == second.items)
        #expect(first.impressions == second.impressions)
        #expect(first.events == second.events)
        let other = log(try GeneratedWorld(Self.small(seed: 8)))
        #expect(first.impressions != other.impressions)
        #expect(first.items != other.items)
    }

    @Test func filesOfOneSeedAreTheSameBytes() async throws {
        let world = try GeneratedWorld(Self.small())
        let (first, second) = (try Folder(), try Folder())
        _ = try await world.write(to: first.url)
        _ = try await world.write(to: second.url)
        for name in [
            "users.csv.gz", "items.ndjson.gz", "follows.csv.gz", "impressions.csv.gz", "events.csv.gz", "truth.ndjson",
        ] {
            #expect(try Data(contentsOf: first.file(name)) == Data(contentsOf: second.file(name)), "\(name)")
        }
    }

    @Test func theTruthIsReadBack() async throws {
        let world = try GeneratedWorld(Self.small())
        let folder = try Folder()
        _ = try await world.write(to: folder.url)
        let truth = try WorldTruth(contentsOf: folder.file(WorldTruth.fileName))
        #expect(truth.items == world.itemInterests)
        #expect(truth.users == world.userInterests.mapValues { Set($0.keys) })
    }

    @Test func aBrokenTruthIsRefused() throws {
        let folder = try Folder()
        func read(_ text: String) throws -> WorldTruth {
            try Data(text.utf8).write(to: folder.file("truth.ndjson"))
            return try WorldTruth(contentsOf: folder.file("truth.ndjson"))
        }
        let user = "{\"user\":\"u1\",\"interests\":[{\"interest\":3,\"strength\":1,\"subtopics\":[0]}]}\n"
        let item = "{\"item\":\"i1\",\"interest\":3,\"subtopic\":1,\"quality\":0.5}\n"
        #expect(try read(user + item).users[UserID("u1")] == [3])
        #expect { try read(user + "{\"item\":\"i1\"}\n") } throws: { "\($0)".contains("truth.ndjson:2:") }
        #expect { try read("user,interest\n") } throws: { "\($0)".contains("truth.ndjson:1:") }
        #expect(throws: DataError.emptyFile(file: folder.file("truth.ndjson").path)) { try read(item) }
        #expect(throws: DataError.self) { try WorldTruth(contentsOf: folder.file("none.ndjson")) }
    }

    @Test func theLogKeepsItsPromises() throws {
        let settings = Self.small()
        let world = try GeneratedWorld(settings)
        let all = log(world)
        #expect(abs(all.impressions.count - settings.impressions) < settings.impressions / 20)
        let items = Dictionary(uniqueKeysWithValues: all.items.map { ($0.id, $0) })
        let users = Dictionary(uniqueKeysWithValues: all.users.map { ($0.id, $0) })
        #expect(items.count == settings.items && users.count == settings.users)
        for impression in all.impressions {
            #expect(impression.shownAt >= settings.start && impression.shownAt < settings.end)
            #expect(items[impression.itemID]?.createdAt.map { $0 <= impression.shownAt } == true)
            #expect(users[impression.userID]?.createdAt.map { $0 <= impression.shownAt } == true)
            #expect(impression.propensity.map { $0 > 0 && $0 <= 1 } == true)
        }
        #expect(zip(all.impressions, all.impressions.dropFirst()).allSatisfy { $0.shownAt <= $1.shownAt })
        #expect(Set(all.impressions.map { "\($0.id) \($0.itemID)" }).count == all.impressions.count)
        let shown = Dictionary(grouping: all.impressions, by: \.id)
        #expect(shown.values.allSatisfy { $0.map(\.position) == (0..<settings.slate).map { $0 } })
        #expect(Set(all.events.map(\.id)).count == all.events.count)
        #expect(Set(all.events.map(\.type)) == Set(GeneratedWorld.signals))
        for event in all.events {
            let slate = shown[event.impressionID ?? ""] ?? []
            #expect(slate.contains { $0.itemID == event.itemID && $0.shownAt < event.occurredAt })
        }
        #expect(all.events.filter { $0.type == "long_view" }.allSatisfy { ($0.value ?? 0) > 0 })
    }

    @Test func hasHiddenNewAndLateOnes() throws {
        let world = try GeneratedWorld(Self.small())
        #expect(world.items.contains { $0.hidden })
        #expect(world.items.contains { ($0.createdAt ?? world.settings.start) > world.settings.start })
        #expect(world.users.contains { ($0.createdAt ?? world.settings.start) > world.settings.start })
    }

    /// The sums of each user's inverse propensities estimate how many items there were to show.
    @Test func propensitiesAreThoseOfThePolicy() throws {
        var settings = Self.small()
        settings.newItems = 0
        settings.impressions = 20_000
        let all = log(try GeneratedWorld(settings))
        let first = all.impressions.filter { $0.position == 0 }
        let mean = first.reduce(0) { $0 + 1 / ($1.propensity ?? 1) } / Double(first.count)
        // What a user was shown before cannot be drawn, so the mean lies below the number of items.
        let seenBefore = Double(settings.impressions) / Double(settings.users) / 2
        let expected = Double(settings.items) - seenBefore
        #expect(abs(mean - expected) < 0.15 * expected, "mean \(mean), expected \(expected)")
    }

    @Test func interestsDriveClicksFarMoreThanPopularityDoes() throws {
        let world = try GeneratedWorld()
        let all = log(world)
        let likes = world.userInterests
        let about = world.itemInterests
        let clicked = Set(all.events.filter { $0.type == "click" }.map { "\($0.impressionID ?? "") \($0.itemID)" })
        var rates: [Bool: (shown: Int, clicks: Int)] = [:]
        var byItem: [ItemID: (shown: Int, clicks: Int)] = [:]
        for impression in all.impressions {
            let isInside = about[impression.itemID].flatMap { likes[impression.userID]?[$0] } != nil
            let hit = clicked.contains("\(impression.id) \(impression.itemID)") ? 1 : 0
            rates[isInside, default: (0, 0)].shown += 1
            rates[isInside, default: (0, 0)].clicks += hit
            byItem[impression.itemID, default: (0, 0)].shown += 1
            byItem[impression.itemID, default: (0, 0)].clicks += hit
        }
        func rate(_ count: (shown: Int, clicks: Int)?) -> Double {
            Double(count?.clicks ?? 0) / Double(max(1, count?.shown ?? 0))
        }
        #expect(rate(rates[true]) > 3 * rate(rates[false]))
        #expect((rates[true]?.shown ?? 0) > 5000 && (rates[false]?.shown ?? 0) > 5000)
        // The best half of the items, told by hindsight, gains less than interests do.
        let sorted = byItem.values.filter { $0.shown >= 20 }.sorted { rate($0) > rate($1) }
        let best = sorted.prefix(sorted.count / 2).reduce((shown: 0, clicks: 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        let rest = sorted.dropFirst(sorted.count / 2).reduce((shown: 0, clicks: 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        #expect(rate(rates[true]) / rate(rates[false]) > 1.5 * rate(best) / rate(rest))
    }

    @Test func higherPlacesAreClickedMore() throws {
        let all = log(try GeneratedWorld())
        let clicks = all.events.filter { $0.type == "click" }
        let top = clicks.count { ($0.position ?? 0) < 2 }
        let bottom = clicks.count { ($0.position ?? 0) >= 8 }
        #expect(Double(top) > 1.4 * Double(bottom))
    }

    @Test func contentTellsTheInterest() throws {
        let world = try GeneratedWorld()
        let truth = world.itemInterests
        let right = world.items.count { item in
            truth[item.id].map { item.categories == [WorldItem.category($0)] } ?? false
        }
        #expect(right > world.items.count * 8 / 10 && right < world.items.count)
    }

    @Test func importingItsFilesGivesTheSameWorld() async throws {
        let world = try GeneratedWorld(Self.small())
        let folder = try Folder()
        let counts = try await world.write(to: folder.url)
        let mapping = try DatasetMapping.load(path: ConfigFolder.dataset("generated"))
        #expect(Set(mapping.attributeDefinitions) == Set(GeneratedWorld.attributeDefinitions))
        #expect(Set(mapping.signals) == Set(GeneratedWorld.signals))
        let imported = RecordingSink()
        let report = try await ImportRun(mapping: mapping, directory: folder.url, sink: imported).run()
        let direct = RecordingSink()
        let outcome = try await world.write(to: direct)
        #expect(await imported.users == direct.users)
        #expect(await imported.items == direct.items)
        #expect(await imported.impressions == direct.impressions)
        #expect(await imported.events == direct.events)
        #expect(await imported.relations == direct.relations)
        #expect(await Array(imported.relations.keys).count == world.follows.count)
        #expect(report.total(\.rejected) == 0)
        #expect(outcome.impressions.inserted == counts.impressions)
        #expect(
            report.total(\.inserted) == counts.users + counts.items + counts.follows + counts.impressions
                + counts.events)
    }

    @Test func usersFollowCreatorsOfTheirInterests() throws {
        let world = try GeneratedWorld(Self.small())
        let follows = world.follows
        let creators = Dictionary(grouping: world.items, by: \.creatorID)
        let truth = world.itemInterests
        let arrivals = Dictionary(uniqueKeysWithValues: world.worldUsers.map { ($0.user.id, $0.arrival) })
        #expect(follows.count > world.users.count)
        for follow in follows {
            #expect(follow.kind == .follow)
            let items = try #require(creators[follow.target])
            let interests = world.userInterests[follow.userID]?.keys
            #expect(items.contains { item in truth[item.id].map { interests?.contains($0) ?? false } ?? false })
            let (since, arrival) = (try #require(follow.since), try #require(arrivals[follow.userID]))
            #expect(since >= arrival.adding(seconds: -1) && since <= world.settings.end)
        }
        let each = Dictionary(grouping: follows, by: \.userID)
        #expect(each.values.allSatisfy { $0.count <= WorldFollows.most && Set($0.map(\.target)).count == $0.count })
        #expect(follows.map(\.userID) == follows.map(\.userID).sorted())
    }

    @Test func badSettingsAreNamed() {
        var settings = WorldSettings()
        settings.interests = 1
        settings.items = 5
        #expect(settings.problems.count == 2, "\(settings.problems)")
        #expect(throws: DataError.badSettings(problems: settings.problems)) { _ = try GeneratedWorld(settings) }
    }
}
