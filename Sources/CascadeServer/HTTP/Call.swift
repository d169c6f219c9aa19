import CascadeCore
import Foundation
import Logging

/// A request as handlers see it: decoded path, raw query, whole body, and the time it has.
struct Call: Sendable {
    let requestID: String
    /// The method and the path as they came.
    let target: String
    /// Who asks: the identifier of an API key; empty where none is asked for.
    let caller: String
    /// The header `Idempotency-Key` as it came.
    let idempotencyKey: String?
    /// The trace that the request is part of, if any.
    let traceID: String?
    /// Parameters of the path, percent-decoded.
    let path: [String: String]
    let query: String?
    /// What the body says it is, such as `application/json`; empty without a body.
    let mediaType: String
    let body: [UInt8]
    let deadline: ContinuousClock.Instant
    let logger: Logger

    /// What is left of the request's time.
    var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: deadline)) }

    /// The body as the members of one object.
    func object(_ problems: Problems) throws(JSONSyntaxError) -> ObjectReader {
        ObjectReader(try JSONParser.parse(body), problems: problems)
    }

    /// An identifier of the path; adds a problem when it is none.
    func identifier(_ name: String, _ problems: Problems) -> String {
        let text = path[name] ?? ""
        if let problem = IdentifierRules.problem(with: text) {
            problems.add(JSONPointer.member(name, of: "/path"), "invalid_identifier", problem)
        }
        return text
    }

    /// Throws unless the query has no parameters.
    func refuseQuery() throws(RequestFailure) {
        let problems = Problems()
        QueryReader(query, problems: problems).refuseUnknown()
        try problems.check()
    }
}
