package import CascadeCore

/// What each kind of job may be told, and the arguments of the command that does it.
package enum JobArguments {
    private enum Value {
        case text
        case time
        case number
        /// True leaves the argument out, false gives it: the switches of commands turn something off.
        case flag
        /// True gives the argument, false leaves it out.
        case wish
    }

    private struct Parameter {
        let name: String
        let option: String
        let value: Value
        var isRequired = false
    }

    private static let period = [
        Parameter(name: "from", option: "--from", value: .time),
        Parameter(name: "until", option: "--until", value: .time),
    ]

    private static func parameters(of kind: JobKind) -> [Parameter] {
        let activate = Parameter(name: "activate", option: "--no-activate", value: .flag)
        return switch kind {
        case .importData:
            [
                Parameter(name: "dataset", option: "--dataset", value: .text, isRequired: true),
                Parameter(name: "path", option: "--path", value: .text, isRequired: true),
            ]
        case .train:
            period + [
                Parameter(name: "evaluate_until", option: "--evaluate-until", value: .time),
                Parameter(name: "seed", option: "--seed", value: .number),
                Parameter(name: "warm", option: "--warm", value: .wish), activate,
            ]
        case .indexRebuild: [activate]
        case .evaluate:
            period + [
                Parameter(name: "release", option: "--release", value: .text),
                Parameter(name: "signal", option: "--signal", value: .text),
                Parameter(name: "baselines", option: "--baselines", value: .text),
            ]
        }
    }

    /// The command and its arguments; throws for what the kind of job cannot be told.
    package static func of(_ kind: JobKind, _ params: [String: String]) throws(JobError) -> [String] {
        let known = parameters(of: kind)
        for name in params.keys.sorted() where !known.contains(where: { $0.name == name }) {
            throw .unknownParameter(kind, name: name, known: known.map(\.name))
        }
        var arguments = command(of: kind)
        for parameter in known {
            guard let value = params[parameter.name] else {
                if parameter.isRequired { throw .missingParameter(kind, name: parameter.name) }
                continue
            }
            arguments += try Self.arguments(parameter, value)
        }
        return arguments
    }

    /// The kind of job of a name; throws for another.
    package static func kind(_ name: String) throws(JobError) -> JobKind {
        guard let kind = JobKind(rawValue: name) else { throw .unknownKind(name) }
        return kind
    }

    private static func command(of kind: JobKind) -> [String] {
        switch kind {
        case .importData: ["import"]
        // With what an attempt of the job before kept, where it was stopped or killed.
        case .train: ["train", "--resume"]
        case .indexRebuild: ["index", "rebuild"]
        case .evaluate: ["evaluate"]
        }
    }

    private static func arguments(_ parameter: Parameter, _ value: String) throws(JobError) -> [String] {
        switch parameter.value {
        case .flag, .wish:
            guard let isOn = Bool(value) else {
                throw .badValue(name: parameter.name, value: value, wanted: "true or false")
            }
            return isOn == (parameter.value == .wish) ? [parameter.option] : []
        case .text where value.isEmpty:
            throw .badValue(name: parameter.name, value: value, wanted: "text that is not empty")
        case .time where Timestamp(rfc3339: value) == nil:
            throw .badValue(name: parameter.name, value: value, wanted: "a time such as 2026-01-31T12:00:00Z")
        case .number where UInt64(value) == nil:
            throw .badValue(name: parameter.name, value: value, wanted: "a whole number")
        // As one argument, so that a value that begins with a dash is none of its own.
        default: return ["\(parameter.option)=\(value)"]
        }
    }
}
