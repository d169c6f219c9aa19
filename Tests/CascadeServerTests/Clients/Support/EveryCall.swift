import CascadeClient
import Foundation

/// Every operation of the Swift client, called with everything that it takes.
struct EveryCall: Sendable {
    let client: CascadeClient
    var cursor: String? = "cursor+/="
    var jobID = EveryCall.identifier("job_id")
    var jobs: [CascadeClient.JobRequest] = [EveryCall.importJob]

    /// A value for a name of a path that has to be encoded.
    static func identifier(_ name: String) -> String { "\(name)/é %😀" }

    private static let time = Date(timeIntervalSince1970: 1_767_323_045.25)
    private static let user = identifier("user_id")
    private static let item = identifier("item_id")

    static let importJob = CascadeClient.JobRequest.import(dataset: "shop", path: "/data", maxAttempts: 2)

    /// One job of each kind.
    static let allJobs: [CascadeClient.JobRequest] = [
        importJob,
        .train(
            from: time, until: time, evaluateUntil: time, seed: 7, warm: true, activate: false, maxAttempts: 1),
        .indexRebuild(activate: true, maxAttempts: 1),
        .evaluate(
            from: time, until: time, release: "r", signal: "click", baselines: "popular", maxAttempts: 1),
    ]

    static let session = [
        CascadeClient.SessionEvent(itemID: "i/1", type: "click", occurredAt: time, surface: "home")
    ]

    static let slate = CascadeClient.RecommendRequest(
        userID: user, limit: 1, context: ["Some_Key": "v"],
        filters: .init(categoriesAny: ["a"], excludeItemIDs: ["x"], excludeSeen: false, maxAgeSeconds: 9.5),
        diversity: .init(creatorDecay: 0.5, creatorFloor: 0.25, maxPerCreator: 2, maxPerCategory: 0),
        include: [.scores, .reasons, .attributes], events: session, debug: true, weights: ["click": 0.5],
        releaseID: "rel/1", seed: .max)

    static let body = CascadeClient.ItemBody(
        title: "t", creatorID: "c", categories: ["news"],
        attributes: ["Some_Name": 12.5, "tags": ["a"], "live": true], createdAt: time, hidden: false,
        vectors: ["image": [0.1, -2, 3]])

    static let user1 = CascadeClient.UserBody(attributes: ["camelCase": "x"], createdAt: time)

    static let event = CascadeClient.Event(
        eventID: "e/1", type: "click", userID: user, itemID: item, occurredAt: time, value: 1.5,
        impressionID: "m1", recommendationID: "rec_1", sessionID: "s1", position: 3, surface: "home")

    static let impression = CascadeClient.Impression(
        impressionID: "m1", recommendationID: "rec_1", userID: user, shownAt: time, surface: "home",
        items: [.init(itemID: item, position: 0, propensity: 0.25)])

    /// Calls an operation, some of them several times; gives the last answer, nil where there is none to read.
    func perform(_ operation: CascadeClient.Operation) async throws -> (any Encodable & Sendable)? {
        switch operation {
        case .recommend: return try await client.recommend(Self.slate)
        case .nextPage: return try await client.nextPage(Self.identifier("recommendation_id"))
        case .rank:
            return try await client.rank(
                .init(
                    userID: Self.user, itemIDs: ["a", "b/c"], context: ["surface": "search"],
                    include: [.scores, .attributes], events: Self.session, debug: true))
        case .explainRecommendation:
            return try await client.explainRecommendation(Self.identifier("recommendation_id"), itemID: "i/1")
        case .recommendForUser:
            return try await client.recommendForUser(
                Self.user, limit: 5, include: [.scores, .attributes], excludeSeen: false, debug: true)
        case .similarItems:
            return try await client.similarItems(
                Self.item, k: 2, by: .both, categories: ["news", "a,b"], excludeItemIDs: ["i,9"])
        case .postEvents: return try await client.postEvents([Self.event], idempotencyKey: "events")
        case .postImpressions: return try await client.postImpressions([Self.impression])
        case .getPipeline: return try await client.getPipeline()
        case .getStatistics: return try await client.getStatistics()
        case .getOpenAPI: return try await client.getOpenAPI()
        case .getLive: return try await client.getLive()
        case .getReady: return try await client.getReady()
        case .getMetrics:
            _ = try await client.getMetrics()
            return nil
        default: return try await performStored(operation)
        }
    }

    private func performStored(_ operation: CascadeClient.Operation) async throws -> (any Encodable & Sendable)? {
        switch operation {
        case .listItems: return try await client.listItems(category: "news", hidden: false, limit: 2, cursor: cursor)
        case .postItems: return try await client.postItems([.init(itemID: Self.item, Self.body)], atomic: true)
        case .putItem: return try await client.putItem(Self.item, Self.body)
        case .patchItem:
            return try await client.patchItem(
                Self.item,
                .init(
                    title: .set("u"), creatorID: .clear, categories: .set(["news"]),
                    attributes: .set(["Some_Name": 13, "tags": .null]), createdAt: .set(Self.time), hidden: .clear,
                    vectors: .set(["image": nil])))
        case .getItem: return try await client.getItem(Self.item)
        case .deleteItem:
            try await client.deleteItem(Self.item)
            return nil
        case .listUsers: return try await client.listUsers(limit: 2, cursor: cursor)
        case .postUsers: return try await client.postUsers([.init(userID: Self.user, Self.user1)], atomic: false)
        case .putUser: return try await client.putUser(Self.user, Self.user1)
        case .patchUser:
            return try await client.patchUser(
                Self.user, .init(attributes: .set(["age": 31, "camelCase": .null]), createdAt: .clear))
        case .getUser: return try await client.getUser(Self.user)
        case .deleteUser: return try await client.deleteUser(Self.user)
        case .listEvents: return try await client.listEvents(Self.user, type: "click", limit: 2, cursor: cursor)
        default: return try await performRest(operation)
        }
    }

    private func performRest(_ operation: CascadeClient.Operation) async throws -> (any Encodable & Sendable)? {
        let creator = Self.identifier("creator_id")
        let release = Self.identifier("release_id")
        switch operation {
        case .listFollows: return try await client.listFollows(Self.user, limit: 2, cursor: cursor)
        case .putFollow: return try await client.putFollow(Self.user, creator)
        case .deleteFollow: try await client.deleteFollow(Self.user, creator)
        case .listHidden: return try await client.listHidden(Self.user, limit: 2, cursor: cursor)
        case .putHidden: return try await client.putHidden(Self.user, Self.item)
        case .deleteHidden: try await client.deleteHidden(Self.user, Self.item)
        case .listReleases: return try await client.listReleases()
        case .getRelease: return try await client.getRelease(release)
        case .activateRelease: return try await client.activateRelease(release)
        case .rollbackRelease: return try await client.rollbackRelease(idempotencyKey: "back")
        case .listJobs: return try await client.listJobs(state: .queued, limit: 2, cursor: cursor)
        case .postJob:
            var last: CascadeClient.Job?
            for job in jobs { last = try await client.postJob(job) }
            return last
        case .getJob: return try await client.getJob(jobID, logLimit: 10, logAfter: 0)
        case .cancelJob: return try await client.cancelJob(jobID)
        default: throw NotCalled(operation: operation)
        }
        return nil
    }

    /// An operation that no method of the client stands for.
    struct NotCalled: Error {
        let operation: CascadeClient.Operation
    }
}
