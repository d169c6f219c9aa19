import CascadeCore
import Foundation
import Testing

@testable import CascadePipeline

/// Every component in turn never answers, on the machine's own clock: the slate comes all the same and says what it lacks.
///
/// `CASCADE_DELAY_REQUESTS=200 swift test --filter DelayTests` prints for each component how many of so many answers came within the
/// deadline, and the slowest.
@Suite(.serialized) struct DelayTests {
    private static let deadline = Duration.milliseconds(250)
    private static let requests = ProcessInfo.processInfo.environment["CASCADE_DELAY_REQUESTS"].flatMap(Int.init) ?? 2

    private func bench(_ component: String) -> Bench {
        var faults = Faults()
        faults.prepareHangs = component == "user_encoding"
        faults.retrieveHangs = component == "two_tower"
        faults.interestsHang = component == "interests"
        faults.scoreHangs = component == "ranker"
        var bench = Bench(line(300), faults: faults)
        bench.isTimed = true
        bench.people = People(known: ["bob"], histories: ["bob": ["i100", "i101"]])
        bench.people.followed = ["bob": ["1"]]
        bench.people.hanging = [component]
        // A history as long as is read at most leaves seen items to be read.
        if component == "seen" { bench.settings.historyLimit = 2 }
        bench.live = LiveStates(hangs: component == "live_state")
        bench.catalogItems = CatalogItems(hangs: component == "attributes")
        bench.settings.sources += ["interests", "followed_creators", "similar_items"].map {
            SourceSettings(name: $0, limit: 50, timeoutMilliseconds: 20)
        }
        if component == "recent_counters" { bench.release?.arrayCounters = ArrayCounters(hangs: true) }
        return bench
    }

    @Test(arguments: [
        ("user", "user_unavailable"), ("history", "history_unavailable"), ("seen", "seen_unavailable"),
        ("hidden", "hidden_unavailable"), ("follows", "follows_unavailable"), ("user_encoding", "encoding_failed"),
        ("two_tower", "source_timeout"), ("interests", "source_timeout"), ("recent_counters", "counters_stale"),
        ("ranker", "ranker_timeout"), ("live_state", "live_state_unavailable"),
        ("attributes", "attributes_unavailable"),
    ])
    func whatNeverAnswersIsLeftOut(component: String, degradation: String) async throws {
        let pipeline = try bench(component).pipeline()
        var request = RecommendRequest("bob", limit: 20)
        request.include = [.scores, .attributes]
        var inside = 0
        var slowest = Duration.zero
        for number in 0..<Self.requests {
            let began = ContinuousClock.now
            let answer = try await pipeline.recommend(
                request, context: RequestContext(requestID: "q\(number)", timeout: Self.deadline))
            let took = ContinuousClock.now - began
            inside += took <= Self.deadline ? 1 : 0
            slowest = max(slowest, took)
            #expect(answer.items.count == 20)
            #expect(answer.degraded.map(\.rawValue).contains(degradation), "\(answer.degraded)")
        }
        let line =
            "\(component) never answers: \(inside) of \(Self.requests) answers within \(Self.deadline), the slowest after "
        print(line + "\(slowest)")
    }
}

@Suite struct TimeSharesTests {
    @Test(
        "a tenth of the time is kept for the answer and two for the slate, of long ones twenty milliseconds and forty")
    func keepsTime() {
        for (milliseconds, selection, slate) in [(10, 7_000_000, 9_000_000), (400, 340_000_000, 380_000_000)] {
            let shares = TimeShares(from: 5, .milliseconds(milliseconds))
            #expect(
                shares.end(of: .scorer) == UInt64(selection + 5) && shares.end(of: .source) == UInt64(selection + 5))
            #expect(shares.end(of: .postSelectionFilter) == UInt64(slate + 5))
        }
        let none = TimeShares(from: 7, .zero)
        #expect(StageKind.allCases.allSatisfy { none.end(of: $0) == 7 })
    }
}
