package import CascadeCore

/// What a caller asks for: its own list of items in the order that suits one user; the members are those of `POST /v1/rank`.
package struct RankRequest: Hashable, Sendable {
    /// The greatest number of items.
    package static let maximumItems = 1000
    /// What an answered item may carry; `reasons` are those of sources, of which there are none here.
    package static let includable: Set<RecommendRequest.Include> = [.scores, .attributes]

    /// The user; nil for an anonymous visitor.
    package var userID: UserID?
    /// The items, each once.
    package var itemIDs: [ItemID]
    /// Free words about the occasion; they go to the trace and change no score.
    package var context: [String: String]
    package var include: Set<RecommendRequest.Include>
    /// What the visitor did, in the order in which it happened; it is laid over what is known of the user.
    package var events: [SessionEvent]
    /// Asks for the trace in the answer and for every component line in the log.
    package var debug: Bool

    package init(
        userID: UserID?, itemIDs: [ItemID], context: [String: String] = [:],
        include: Set<RecommendRequest.Include> = [.scores], events: [SessionEvent] = [], debug: Bool = false
    ) {
        self.userID = userID
        self.itemIDs = itemIDs
        self.context = context
        self.include = include
        self.events = events
        self.debug = debug
    }

    /// Everything that is wrong with the request; empty when it can be answered.
    package func problems() -> [RequestProblem] {
        var problems: [RequestProblem] = []
        func add(_ pointer: String, _ code: String, _ detail: String) {
            problems.append(RequestProblem(pointer: pointer, code: code, detail: detail))
        }
        if let userID, let problem = IdentifierRules.problem(with: userID.rawValue) {
            add("/user_id", "invalid_identifier", problem)
        }
        if !(1...Self.maximumItems).contains(itemIDs.count) {
            add(
                "/item_ids", "out_of_range",
                "must be a list of 1 to \(Self.maximumItems) identifiers, not \(itemIDs.count)")
        }
        var places: [ItemID: Int] = [:]
        for (index, item) in itemIDs.prefix(Self.maximumItems).enumerated() {
            if let problem = IdentifierRules.problem(with: item.rawValue) {
                add("/item_ids/\(index)", "invalid_identifier", problem)
            } else if let first = places.updateValue(index, forKey: item) {
                add("/item_ids/\(index)", "invalid", "is there already, at /item_ids/\(first); send each item once")
            }
        }
        problems += events.problems()
        if !include.isSubset(of: Self.includable) {
            let names = Self.includable.map(\.rawValue).sorted().joined(separator: ", ")
            add("/include", "invalid", "may hold only \(names) here")
        }
        return problems
    }

    /// The request as the stages read one: nothing is left out but what nobody may be shown, and the order is that of the scores.
    var asRecommendation: RecommendRequest {
        RecommendRequest(
            userID: userID, limit: itemIDs.count, context: context, filters: .init(excludeSeen: false),
            diversity: .init(creatorDecay: 1, creatorFloor: 0, maxPerCreator: 0, maxPerCategory: 0),
            include: include, debug: debug, events: events)
    }
}
