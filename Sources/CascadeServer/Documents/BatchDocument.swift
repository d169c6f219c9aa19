import CascadeCore
import CascadePipeline

/// What became of the rows of a batch.
struct BatchOutcome {
    /// The greatest number of refused rows whose problems are listed.
    static let maximumErrors = 500

    private(set) var rejected = 0
    private(set) var errors: [JSONValue] = []

    /// Notes that element `index`, which stands for `rows` rows and on its own line where the body has lines, was refused.
    mutating func reject(_ index: Int, line: Int? = nil, rows: Int = 1, _ problems: [RequestProblem]) {
        rejected += rows
        for problem in problems where errors.count < Self.maximumErrors {
            var members = [JSONValue.Member("index", .integer(index))]
            if let line { members.append(.init("line", .integer(line))) }
            members.append(.init("pointer", .string(problem.pointer)))
            members.append(.init("code", .string(problem.code)))
            members.append(.init("detail", .string(problem.detail)))
            errors.append(.object(members))
        }
    }

    /// Notes that `rows` rows were refused because of others.
    mutating func rejectAlong(_ rows: Int) { rejected += rows }

    /// The body of the answer.
    func json(_ result: AppendResult) -> JSONValue {
        [
            "accepted": .integer(result.inserted), "duplicates": .integer(result.duplicates),
            "rejected": .integer(rejected), "errors": .array(errors),
        ]
    }
}
