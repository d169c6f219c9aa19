/// One thing that can be wrong, and what to do about it. A new one is a struct and a line in `DoctorChecks.all`.
protocol DoctorCheck: Sendable {
    /// In lower case with underscores; stable, since scripts go by it.
    var name: String { get }
    /// What must be there for the check to be made.
    var needs: DoctorNeed { get }
    /// Looks, and changes nothing; ends within seconds on 20 million rows. An error becomes a failure of the check.
    func look(_ context: DoctorContext) async throws -> Diagnosis
}

/// What a check looks at.
enum DoctorNeed: Int, Comparable {
    case nothing
    /// A database that answers.
    case database
    /// A database whose schema is up to date.
    case schema

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What a check found.
struct Diagnosis: Equatable, Sendable {
    enum Level: String, Codable, Comparable, CaseIterable {
        case ok, warn, fail

        static func < (left: Self, right: Self) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    var level: Level
    var found: String
    /// What to do, with the command to run; empty where nothing is to be done.
    var remedy: String

    static func ok(_ found: String) -> Diagnosis { Diagnosis(level: .ok, found: found, remedy: "") }

    static func warn(_ found: String, _ remedy: String) -> Diagnosis {
        Diagnosis(level: .warn, found: found, remedy: remedy)
    }

    static func fail(_ found: String, _ remedy: String) -> Diagnosis {
        Diagnosis(level: .fail, found: found, remedy: remedy)
    }
}
