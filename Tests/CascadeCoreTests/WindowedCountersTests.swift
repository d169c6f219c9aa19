import CascadeCore
import Testing

@Suite struct WindowedCountersTests {
    @Test(arguments: [
        ("1m", 60, 60, 1), ("15m", 900, 60, 15), ("1h", 3600, 150, 24), ("24h", 86_400, 3600, 24),
        ("1d", 86_400, 3600, 24), ("7d", 604_800, 25_200, 24), ("25m", 1500, 62, 25),
        ("3650d", 315_360_000, 13_140_000, 24),
    ]) func spansAreReadAndCut(_ text: String, _ seconds: Int64, _ width: Int64, _ buckets: Int64) {
        let span = WindowSpan(text)
        #expect(span == .seconds(seconds))
        #expect(span?.width == width)
        #expect(span?.buckets == buckets)
        #expect(width * buckets >= seconds)
    }

    @Test func spansAreWrittenInTheirLargestUnit() {
        #expect(["60m", "90m", "48h", "7d", "all"].map { WindowSpan($0)?.text } == ["1h", "90m", "2d", "7d", "all"])
    }

    @Test(arguments: [
        "", "1", "h", "0h", "-1h", "1s", "1.5h", "3651d", "99999999999999999999d", "ALL", " 1h", "+1h", "١h",
    ])
    func whatIsNoSpanIsRefused(_ text: String) { #expect(WindowSpan(text) == nil) }

    @Test func bucketsGoDownwardsBeforeTheEpoch() {
        let span = WindowSpan.seconds(3600)
        #expect([-151, -150, -1, 0, 149, 150].map { span.bucket(of: $0) } == [-2, -1, -1, 0, 0, 1])
        #expect(Timestamp(microseconds: -1).second == -1)
    }

    @Test func keysTellWhatTheyAreMadeOfApart() {
        func counter(_ by: String...) -> WindowedCounter {
            WindowedCounter(by: by.map { CountedPart($0) }, over: [.all])
        }
        let item = Item(
            id: ItemID("i1"), creatorID: "c:9", categories: ["né", "other"],
            attributes: ["size": .number(3), "tags": .list(["a", "b"]), "none": .list([]), "new": .flag(true)])
        #expect(counter("item").key(user: nil, item: item) == "2:i1")
        #expect(counter("user", "creator").key(user: UserID("u"), item: item) == "1:u3:c:9")
        #expect(counter("categories").key(user: nil, item: item) == "3:né")
        #expect(counter("size", "tags").key(user: nil, item: item) == "1:31:a")
        #expect(counter("none").key(user: nil, item: item) == "-")
        #expect(counter("new", "absent").key(user: nil, item: item) == "4:true-")
        #expect(counter("user").key(user: nil, item: item) == nil)
        // Two tokens that would run into one text without their lengths.
        let left = Item(id: ItemID("i"), creatorID: "a", categories: ["bc"])
        let right = Item(id: ItemID("i"), creatorID: "ab", categories: ["c"])
        let both = counter("creator", "categories")
        #expect(both.key(user: nil, item: left) != both.key(user: nil, item: right))
    }

    @Test func problemsNameTheEntry() {
        func problems(_ counters: [WindowedCounter]) -> [String] {
            WindowedCounters.problems(of: counters, under: "features.windows")
        }
        #expect(problems([WindowedCounter(by: [.item], over: [.seconds(3600), .all])]).isEmpty)
        let bad = problems([
            WindowedCounter(by: [.item], over: [.all]),
            WindowedCounter(by: [], over: [.all]),
            WindowedCounter(by: [.user, .user], over: [.all, .all]),
            WindowedCounter(by: [.user, .item, .creator], over: []),
            WindowedCounter(by: [.attribute("id")], over: [.all]),
            WindowedCounter(by: [.item], over: [.seconds(60)]),
        ])
        #expect(
            bad.map { String($0.prefix(19)) }
                == [1, 2, 2, 3, 3, 4, 5].map { "features.windows[\($0)]" }.map { String($0.prefix(19)) })
        #expect(bad.last == "features.windows[5]: item is counted twice; list all windows in one entry")
        #expect(bad[4].contains("1 to 8 windows"))
    }

    @Test func sizesFollowFromTheDefinition() {
        let counters = WindowedCounters(
            counters: [
                WindowedCounter(by: [.item], over: [.seconds(3600), .all]),
                WindowedCounter(by: [.user, .creator], over: [.all]),
            ], heads: ["click", "like"])
        #expect((counters.windows, counters.stride, counters.totals, counters.columns) == (3, 5, 15, 9))
    }
}
