package import CascadePipeline

/// Why a request is answered with a problem document, in words that its sender may read.
package struct RequestFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: ProblemCode
    package var detail: String
    /// What is wrong with which member of the request.
    package var problems: [RequestProblem] = []
    /// Seconds after which the request may be made again.
    package var retryAfter: Int?
    /// The methods that the path takes, for `methodNotAllowed`.
    package var allowed: [String] = []

    package init(_ code: ProblemCode, _ detail: String, retryAfter: Int? = nil) {
        self.code = code
        self.detail = detail
        self.retryAfter = retryAfter
    }

    package var description: String { "\(code.rawValue): \(detail)" }

    /// The request has these problems; there must be one at least.
    package static func validation(_ problems: [RequestProblem]) -> RequestFailure {
        let first = problems.first.map { $0.pointer.isEmpty ? $0.detail : "\($0.pointer) \($0.detail)" } ?? ""
        let more = problems.count > 1 ? " (and \(problems.count - 1) more, see errors)" : ""
        var failure = RequestFailure(.validation, first + more)
        failure.problems = problems
        return failure
    }

    /// One member is wrong.
    package static func validation(_ pointer: String, _ code: String, _ detail: String) -> RequestFailure {
        validation([RequestProblem(pointer: pointer, code: code, detail: detail)])
    }

    /// Nothing is stored under that name.
    static func missing(_ what: String) -> RequestFailure { RequestFailure(.notFound, "there is no \(what)") }

    /// Something that the request needs is gone for the moment.
    package static func unavailable(_ detail: String, retryAfter: Int = 1) -> RequestFailure {
        RequestFailure(.unavailable, detail, retryAfter: retryAfter)
    }

    static let deadlineExceeded = RequestFailure(
        .deadlineExceeded,
        "the request took longer than its timeout; a write may have been done all the same, so repeat it with the same"
            + " identifiers")

    static func methodNotAllowed(_ method: String, allowed: [String]) -> RequestFailure {
        var failure = RequestFailure(
            .methodNotAllowed, "\(method) is not one of the methods of this path: \(allowed.joined(separator: ", "))")
        failure.allowed = allowed
        return failure
    }
}
