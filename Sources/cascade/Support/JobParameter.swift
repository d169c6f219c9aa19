import ArgumentParser
import CascadeCore
import CascadeJobs

/// What a job is told, as `name=value`.
struct JobParameter: ExpressibleByArgument {
    let name: String
    let value: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else { return nil }
        name = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }

    /// The parameters of a kind of job by name, checked; throws for what it cannot be told.
    static func checked(_ kind: JobKind, _ parameters: [JobParameter]) throws -> [String: String] {
        var result: [String: String] = [:]
        for parameter in parameters {
            guard result.updateValue(parameter.value, forKey: parameter.name) == nil else {
                throw ValidationError("\(parameter.name) is there twice")
            }
        }
        do { _ = try JobArguments.of(kind, result) } catch { throw ValidationError(error.description) }
        return result
    }
}

extension JobKind: ExpressibleByArgument {}
