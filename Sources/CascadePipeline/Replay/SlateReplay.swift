import CascadeCore

/// A logged slate, and the one that another policy would have made of the same candidates and probabilities.
///
/// Nothing is retrieved or scored again: what no source found, or a filter removed before the ranker saw it, is not there,
/// and a policy that would need it is refused. With a policy that changes nothing the slate is the logged one, chance
/// included.
package struct SlateReplay: Hashable, Sendable {
    package let logged: [CandidateTrace]
    package let replayed: [CandidateTrace]
    /// Whose slate it is; nil for an anonymous visitor.
    package let userID: String?
    /// The heads that the ranker gave.
    let heads: [String]

    /// Why a trace cannot be replayed.
    package enum Obstacle: String, Hashable, Sendable, Error, CaseIterable {
        /// A version before it wrote the trace, without what the order goes by.
        case olderVersion = "traces of an older version"
        /// A caller brought the items and got all of them back in order.
        case callersList = "lists of callers that were ranked"
        /// The ranker did not score the candidates.
        case notRanked = "slates without the ranker"
        /// Time ran out before the slate was full; candidates that were left would fill it.
        case cutShort = "slates that a deadline cut short"
        /// A filter that is to be left out removed items before they had scores, or kept them out of retrieval.
        case notScored = "slates of which a filter to be left out removed items that were never scored"
        /// Sources were asked again for what the slate lacked; under other caps or filters it would have lacked other things.
        case refilled = "slates that took a second round of sources"
        /// With what is left the slate is shorter than it was; serving would have fetched more.
        case tooFew = "slates that the logged candidates do not fill any more"
        /// The recorded probabilities are not those that the trace gives.
        case notReproduced = "slates whose recorded probabilities cannot be computed again"
        /// The trace lacks creators or categories, which the wanted diversity goes by.
        case notMixed = "traces without the creators or categories of their candidates"
    }

    /// - Parameter policy: what is different.
    package init(_ trace: PipelineTrace, _ policy: ReplayPolicy) throws(Obstacle) {
        let given = try ReplayCandidates(trace, policy)
        heads = given.heads
        userID = trace.userID
        logged = trace.candidates.filter { $0.position != nil }
        replayed = given.select().compactMap { candidate in given.places[candidate.row].map { trace.candidates[$0] } }
        // With other factors alone it can be as short as the logged one was, but not for want of what was not fetched.
        if replayed.count < logged.count { throw .tooFew }
    }
}
