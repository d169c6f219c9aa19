import CascadeCore

/// One thing that is wrong with a request.
package struct RequestProblem: Hashable, Sendable, Codable, CustomStringConvertible {
    /// JSON pointer (RFC 6901) to the member of the request's body, such as `/filters/max_age_seconds`.
    package var pointer: String
    /// A word for programs, such as `out_of_range`.
    package var code: String
    /// A sentence for people, with the remedy.
    package var detail: String

    package init(pointer: String, code: String, detail: String) {
        self.pointer = pointer
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(pointer): \(detail)" }
}

extension RecommendRequest {
    /// The greatest weight of a head.
    static let maximumWeight = 1e6

    /// Everything that is wrong with the request under these settings; empty when it can be answered.
    package func problems(under settings: PipelineSettings) -> [RequestProblem] {
        var problems: [RequestProblem] = []
        if let userID, let problem = IdentifierRules.problem(with: userID.rawValue) {
            problems.append(RequestProblem(pointer: "/user_id", code: "invalid_identifier", detail: problem))
        }
        if let limit, !(1...settings.resultSize.max).contains(limit) {
            problems.append(.range("/limit", "from 1 to \(settings.resultSize.max)"))
        }
        problems += events.problems()
        for (name, weight) in weights.sorted(by: { $0.key < $1.key }) where !(abs(weight) <= Self.maximumWeight) {
            problems.append(
                .range("/weights/\(name)", "from -\(Int(Self.maximumWeight)) to \(Int(Self.maximumWeight))"))
        }
        filters.addProblems(to: &problems)
        diversity.addProblems(to: &problems)
        return problems
    }
}

extension [SessionEvent] {
    func problems() -> [RequestProblem] {
        var problems: [RequestProblem] = []
        if count > SessionEvent.maximum {
            problems.append(.range("/events", "a list of at most \(SessionEvent.maximum)"))
        }
        for (index, event) in prefix(SessionEvent.maximum).enumerated() {
            guard let problem = IdentifierRules.problem(with: event.itemID.rawValue) else { continue }
            problems.append(
                RequestProblem(pointer: "/events/\(index)/item_id", code: "invalid_identifier", detail: problem))
        }
        return problems
    }
}

extension RecommendRequest.Filters {
    /// The greatest number of identifiers in `exclude_item_ids`.
    package static let maximumExcluded = 1000
    /// The greatest number of categories in `categories_any`.
    package static let maximumCategories = 100

    fileprivate func addProblems(to problems: inout [RequestProblem]) {
        if excludeItemIDs.count > Self.maximumExcluded {
            problems.append(.range("/filters/exclude_item_ids", "a list of at most \(Self.maximumExcluded)"))
        }
        for (index, item) in excludeItemIDs.enumerated() {
            guard let problem = IdentifierRules.problem(with: item.rawValue) else { continue }
            let pointer = "/filters/exclude_item_ids/\(index)"
            problems.append(RequestProblem(pointer: pointer, code: "invalid_identifier", detail: problem))
        }
        if categoriesAny.count > Self.maximumCategories {
            problems.append(.range("/filters/categories_any", "a list of at most \(Self.maximumCategories)"))
        }
        if let maxAgeSeconds, !(maxAgeSeconds > 0 && maxAgeSeconds <= 1e11) {
            problems.append(.range("/filters/max_age_seconds", "above 0 and at most 1e11"))
        }
    }
}

extension RecommendRequest.Diversity {
    /// The greatest cap.
    static let maximumCap = 1_000_000

    fileprivate func addProblems(to problems: inout [RequestProblem]) {
        for (name, value) in [("creator_decay", creatorDecay), ("creator_floor", creatorFloor)] {
            if let value, !(0...1).contains(value) { problems.append(.range("/diversity/\(name)", "from 0 to 1")) }
        }
        for (name, value) in [("max_per_creator", maxPerCreator), ("max_per_category", maxPerCategory)] {
            if let value, !(0...Self.maximumCap).contains(value) {
                problems.append(.range("/diversity/\(name)", "from 0 (no cap) to \(Self.maximumCap)"))
            }
        }
    }
}

extension RequestProblem {
    fileprivate static func range(_ pointer: String, _ allowed: String) -> RequestProblem {
        RequestProblem(pointer: pointer, code: "out_of_range", detail: "must be \(allowed)")
    }
}
