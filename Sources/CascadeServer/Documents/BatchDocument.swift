import CascadeCore
import CascadePipeline

/// What became of the rows of a batch.
struct BatchOutcome {
    /// The greatest number of refused rows whose problems are listed.
    static let maximumErrors = 500

    private(set) var rejected = 0
    private(set) var errors: [JSONValue] = []

    /// Notes that element `index`, which stands for `rows` rows, was refused.
    mutating func reject(_ index: Int, rows: Int = 1, _ problems: [RequestProblem]) {
        rejected += rows
        for problem in problems where errors.count < Self.maximumErrors {
            errors.append([
                "index": .integer(index), "pointer": .string(problem.pointer), "code": .string(problem.code),
                "detail": .string(problem.detail),
            ])
        }
    }

    /// The body of the answer.
    func json(_ result: AppendResult) -> JSONValue {
        [
            "accepted": .integer(result.inserted), "duplicates": .integer(result.duplicates),
            "rejected": .integer(rejected), "errors": .array(errors),
        ]
    }
}
