import ArgumentParser
import CascadeCore

/// `--from` and `--until`: a half-open period.
struct PeriodOptions: ParsableArguments {
    @Option(help: "The first moment of the period, such as 2022-04-25 or 2022-04-25T00:00:00Z.") var from: String?
    @Option(help: "The first moment after the period.") var until: String?

    func period() throws -> Period {
        let period = Period(from: try Self.time(from, "--from"), until: try Self.time(until, "--until"))
        if let from = period.from, let until = period.until, from >= until {
            throw ValidationError("--from must be before --until")
        }
        return period
    }

    /// The moment that `text` names, for an option called `name`.
    static func time(_ text: String?, _ name: String) throws -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw ValidationError("\(name) \(text): write a time as 2022-04-25 or 2022-04-25T12:00:00Z")
        }
        return time
    }
}
