import CascadeCore
import Testing

@testable import CascadeFeatures

@Suite struct WindowedCountersTests {
    private static let definition = WindowedCounters(
        counters: [
            WindowedCounter(by: [.item], over: [.seconds(60), .seconds(3600), .all]),
            WindowedCounter(by: [.user], over: [.seconds(7200)]),
            WindowedCounter(by: [.user, .creator], over: [.seconds(900), .all]),
            WindowedCounter(by: [.attribute("kind"), .categories], over: [.seconds(1500)]),
        ], heads: ["like", "view"])

    /// Feedback at random times, some before its impression, some much later, some of users and items without a row.
    private static func log(seed: UInt64, rows: Int = 400, answers: Bool) -> InteractionLog {
        var random = SeededRandom(seed: seed)
        var log = FeatureFixtures.log(users: 8, items: 6, rows: rows, seed: seed)
        for row in 0..<log.count {
            // Few distinct seconds, so that equal ones are common; over two hours, so that windows expire.
            log.time[row] =
                1_600_000_000_000_000 + Int64(random.below(400)) * 20_000_000 + Int64(random.below(1_000_000))
            log.isImpression[row] = random.below(10) > 0
        }
        guard answers else { return log }
        log.declared = Column(log.observed.map { random.below(3) == 0 ? $0 & 1 : $0 })
        var given = AnswerLog()
        given.users = log.users.reversed() + [UserID("stranger")]
        given.items = log.items + [ItemID("unlisted")]
        for row in 0..<log.count {
            for signal in 0..<2 where log.feedback[row] >> UInt32(signal) & 1 == 1 {
                given.userIndex.append(Int32(random.below(given.users.count)))
                given.itemIndex.append(Int32(random.below(given.items.count)))
                given.time.append(log.time[row] + Int64(random.below(3000) - 60) * 1_000_000)
                given.signal.append(UInt8(signal))
            }
        }
        log.answers = given
        return log
    }

    /// Goes through everything for every number: the scalar twin.
    private static func naive(
        _ log: InteractionLog, _ rows: EntityRows, user: UserID, item: Item, second: Int64
    ) -> [Int32] {
        func known(_ id: ItemID) -> Item { rows.itemRow[id].map { rows.items[Int($0)] } ?? Item(id: id) }
        var result: [Int32] = []
        for counter in definition.counters {
            let key = counter.key(user: user, item: item)
            for span in counter.over {
                var totals = [Int32](repeating: 0, count: definition.stride)
                func count(_ time: Int64, _ other: UserID, _ id: ItemID, _ body: () -> Void) {
                    let at = Timestamp(microseconds: time).second
                    guard at < second, counter.key(user: other, item: known(id)) == key else { return }
                    if span.width > 0, span.bucket(of: at) < span.bucket(of: second) - span.buckets { return }
                    body()
                }
                for row in 0..<log.count where log.isImpression[row] {
                    count(log.time[row], log.users[Int(log.userIndex[row])], log.items[Int(log.itemIndex[row])]) {
                        totals[0] += 1
                        for (head, name) in definition.heads.enumerated() {
                            let bit = log.mask(of: name)
                            if (log.declared.isEmpty ? log.observed : log.declared)[row] & bit != 0 {
                                totals[1 + head] += 1
                            }
                            if log.answers == nil, log.feedback[row] & bit != 0 { totals[3 + head] += 1 }
                        }
                    }
                }
                guard let answers = log.answers else {
                    result += totals
                    continue
                }
                for index in 0..<answers.count {
                    count(
                        answers.time[index], answers.users[Int(answers.userIndex[index])],
                        answers.items[Int(answers.itemIndex[index])]
                    ) {
                        for (head, name) in definition.heads.enumerated()
                        where log.signals[Int(answers.signal[index])] == name { totals[3 + head] += 1 }
                    }
                }
                result += totals
            }
        }
        return result
    }

    private static let layout = WindowedLayout(definition: definition, rates: [0.2, 0.4])

    private static func values(_ log: InteractionLog) -> (WindowedValues, EntityRows) {
        let rows = EntityRows(users: FeatureFixtures.users(8), items: FeatureFixtures.items(6), log: log)
        return (WindowedValues(layout, log: log, rows: rows), rows)
    }

    @Test(arguments: [(UInt64(1), false), (2, true), (3, true), (4, false), (5, true)])
    func everyRowHasWhatANaiveRecountFinds(_ seed: UInt64, _ answers: Bool) {
        let log = Self.log(seed: seed, answers: answers)
        let (values, rows) = Self.values(log)
        for row in 0..<log.count {
            guard log.isImpression[row] else {
                #expect(values.values(row: row) == nil)
                continue
            }
            let item = rows.items[Int(rows.itemRow[log.items[Int(log.itemIndex[row])]] ?? -1)]
            let totals = Self.naive(
                log, rows, user: log.users[Int(log.userIndex[row])], item: item,
                second: Timestamp(microseconds: log.time[row]).second)
            #expect(values.values(row: row) == Self.layout.columns(of: totals), "seed \(seed), row \(row)")
        }
    }

    @Test(arguments: [6, 7] as [UInt64]) func aReplayTellsAnyPairAtAnyMoment(_ seed: UInt64) {
        let log = Self.log(seed: seed, answers: true)
        let rows = EntityRows(users: FeatureFixtures.users(8), items: FeatureFixtures.items(6), log: log)
        var replay = WindowedReplay(Self.definition, log: log, rows: rows)
        let items = rows.items + [Item(id: ItemID("unheard"), creatorID: "c1"), Item(id: ItemID("unlisted"))]
        let users = log.users + [UserID("stranger"), UserID("nobody")]
        for second in stride(from: Int64(1_600_000_000), to: 1_600_020_000, by: 1777) {
            replay.advance(to: second)
            for (index, item) in items.enumerated() {
                let user = users[index % users.count]
                #expect(
                    replay.totals(user: user, item: item)
                        == Self.naive(log, rows, user: user, item: item, second: second),
                    "seed \(seed), second \(second), item \(item.id)")
            }
        }
    }

    @Test func whatComesLaterOrInTheSameSecondIsNotSeen() {
        let log = Self.log(seed: 8, answers: true)
        let (before, _) = Self.values(log)
        for shift in [0, 1_000_000, 86_400_000_000] as [Int64] {
            // A planted row and a planted answer for everybody and everything, from a row's second on.
            let chosen = 200
            let moment = Timestamp(microseconds: log.time[chosen]).second * 1_000_000 + shift
            var planted = log
            for user in 0..<log.users.count {
                for item in 0..<log.items.count {
                    planted.userIndex.append(Int32(user))
                    planted.itemIndex.append(Int32(item))
                    planted.time.append(moment)
                    planted.feedback.append(3)
                    planted.observed.append(3)
                    planted.declared.append(3)
                    planted.isImpression.append(true)
                    planted.answers?.userIndex.append(Int32(user))
                    planted.answers?.itemIndex.append(Int32(item))
                    planted.answers?.time.append(moment)
                    planted.answers?.signal.append(1)
                }
            }
            let (after, _) = Self.values(planted)
            for row in 0..<log.count where Timestamp(microseconds: log.time[row]).second * 1_000_000 <= moment {
                #expect(after.values(row: row) == before.values(row: row), "row \(row)")
            }
        }
    }

    @Test func windowsExpireAndAllTimeDoesNot() {
        var counts = WindowedCounts(spans: [.seconds(3600), .all], heads: 1)
        counts.apply(CountedFact(second: 0, isImpression: true, recorded: 1), key: 7)
        counts.apply(CountedFact(second: 5, isImpression: false, given: 1), key: 7)
        func read(_ second: Int64, _ key: UInt64 = 7) -> [Int32] {
            var totals = [Int32](repeating: 0, count: 6)
            totals.withUnsafeMutableBufferPointer { counts.read(key, at: second, into: $0.baseAddress!) }
            return totals
        }
        #expect(read(6) == [1, 1, 1, 1, 1, 1])
        // The bucket of second 0 ends at 150 and is read until the hour after it is over.
        #expect(read(3749) == [1, 1, 1, 1, 1, 1])
        #expect(read(3750) == [0, 0, 0, 1, 1, 1])
        #expect(read(6, 8) == [0, 0, 0, 0, 0, 0])
        // What expired is given back: a key that is met for ever keeps no more buckets than a window has.
        for second in stride(from: Int64(3600), to: 3600 * 200, by: 100) {
            counts.apply(CountedFact(second: second, isImpression: true), key: 7)
        }
        #expect(counts.buckets <= 25)
        #expect(counts.keys == 1)
        #expect(read(3600 * 200)[3] == 1 + (3600 * 199) / 100)
    }

    @Test func aRateNeverExceedsOne() {
        let layout = WindowedLayout(
            definition: WindowedCounters(counters: [WindowedCounter(by: [.item], over: [.all])], heads: ["like"]),
            rates: [0.5])
        let odds = layout.columns(of: [1, 0, 1_000_000])
        #expect(odds[0].isFinite && odds[0] <= 9.22)
        #expect(layout.empty == [0, 0])
    }

    @Test func aMapKeepsItsDefinitionAndGrowsByItsColumns() throws {
        var settings = FeatureFixtures.settings()
        settings.windows = [
            WindowedCounter(by: [.item], over: [.seconds(3600), .all]),
            WindowedCounter(by: [.user, .attribute("kind")], over: [.all]),
        ]
        let log = Self.log(seed: 9, rows: 900, answers: false)
        let rows = EntityRows(users: FeatureFixtures.users(8), items: FeatureFixtures.items(6), log: log)
        let fitting = FeatureMapFitting(settings: settings, retrieval: .init(dimension: 16))
        var map = try fitting.fit(log: log, rows: rows, definitions: FeatureFixtures.definitions)
        let plain = CounterLayout(keys: map.counters.count, heads: map.counterHeads)
        #expect(map.windows == WindowedCounters(counters: settings.windows, heads: Array(map.heads.prefix(2))))
        #expect(map.counterLayout.windowOffset == plain.columns)
        #expect(map.counterLayout.columns == plain.columns + 9)
        map = fitting.withCounterBins(
            map, samples: [Float](repeating: 0, count: map.counterLayout.columns))
        #expect(try FeatureMap.decode(try map.encoded()) == map)
        map.windows?.heads = ["other"]
        let other = try map.encoded()
        #expect(throws: FeatureError.self) { try FeatureMap.decode(other) }
    }

    @Test(arguments: ["length", "blurb", "city", "nothing"]) func onlyTokensOfItemsCanBeCountedBy(_ name: String) throws
    {
        var settings = FeatureFixtures.settings()
        settings.windows = [WindowedCounter(by: [.attribute(name)], over: [.all])]
        let log = FeatureFixtures.log(users: 8, items: 6, rows: 400, seed: 1)
        let rows = EntityRows(users: FeatureFixtures.users(8), items: FeatureFixtures.items(6), log: log)
        let fitting = FeatureMapFitting(settings: settings, retrieval: .init(dimension: 16))
        #expect {
            try fitting.fit(log: log, rows: rows, definitions: FeatureFixtures.definitions)
        } throws: { error in
            "\(error)".contains("features.windows[0]: '\(name)' is no categorical attribute of items")
        }
    }
}
