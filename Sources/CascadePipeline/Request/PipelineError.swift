/// Why a request got no answer at all, or a pipeline could not be made; everything else degrades and says so.
package enum PipelineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The request asks for something that cannot be; each problem points at its member.
    case invalidRequest([RequestProblem])
    /// The settings cannot be used; each problem names its key.
    case invalidSettings([String])
    /// The request names a release that is not served here.
    case notServed(release: String, served: String?)
    /// The request weighs a head that the release has not.
    case unknownHead(String, known: [String])
    /// The caller went away before the answer was made.
    case cancelled
    /// A component broke the contract of its stage; its part is left out and the text is counted and logged.
    case contract(component: String, detail: String)

    package var description: String {
        switch self {
        case .invalidRequest(let problems):
            "the request is not valid: " + problems.map(\.description).joined(separator: "; ")
        case .invalidSettings(let problems):
            "the pipeline settings are not valid: " + problems.joined(separator: "; ")
                + ". Correct the `pipeline` section of the configuration"
        case .notServed(let release, let served):
            "release '\(release)' is not served here; "
                + (served.map {
                    "\($0) is, and the release that is scored beside it (`cascade release shadow`) can be named too"
                }
                    ?? "none is")
        case .unknownHead(let head, let known):
            "the release has no head '\(head)'"
                + (known.isEmpty ? "; it has none" : "; it has \(known.joined(separator: ", "))")
        case .cancelled: "the request was cancelled before its answer was made"
        case .contract(let component, let detail): "component \(component) broke its contract: \(detail)"
        }
    }
}
