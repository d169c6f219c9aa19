package import CascadeCore

/// What a job cannot be told, or cannot be done by.
package enum JobError: Error, Equatable, CustomStringConvertible {
    /// The kind of job does not know the parameter.
    case unknownParameter(JobKind, name: String, known: [String])
    /// The kind of job needs the parameter.
    case missingParameter(JobKind, name: String)
    /// A parameter is not what it should be.
    case badValue(name: String, value: String, wanted: String)
    /// There is no kind of job of that name.
    case unknownKind(String)
    /// The program that does the job could not be started.
    case notStarted(program: String, reason: String)

    package var description: String {
        switch self {
        case .unknownParameter(let kind, let name, let known):
            "a job of kind \(kind.rawValue) has no parameter '\(name)'; it has \(known.sorted().joined(separator: ", "))"
        case .missingParameter(let kind, let name):
            "a job of kind \(kind.rawValue) needs the parameter '\(name)'; add \(name)=…"
        case .badValue(let name, let value, let wanted): "'\(value)' cannot be \(name); it must be \(wanted)"
        case .unknownKind(let kind):
            "there is no kind of job '\(kind)'; known are \(JobKind.allCases.map(\.rawValue).joined(separator: ", "))"
        case .notStarted(let program, let reason): "\(program) could not be started: \(reason)"
        }
    }
}
