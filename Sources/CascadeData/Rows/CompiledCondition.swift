/// A condition on the columns of a file.
struct CompiledCondition {
    enum Answer { case yes, no, unknown }

    private let clauses: [(column: Column, test: Condition.Test)]

    /// `text` was checked with the mapping; one that is none would always say no.
    init(_ text: String, _ resolver: ColumnResolver) {
        switch Condition.parse(text) {
        case .success(let condition): clauses = condition.clauses.map { (resolver.column($0.column), $0.test) }
        case .failure: clauses = []
        }
    }

    /// Whether the row meets all clauses; unknown where none says no and the cell of one is missing.
    func test(_ record: RawRecord) throws(RowProblem) -> Answer {
        var answer = Answer.yes
        for clause in clauses {
            switch try Self.test(clause.test, clause.column, record) {
            case .yes: continue
            case .no: return .no
            case .unknown: answer = .unknown
            }
        }
        return clauses.isEmpty ? .no : answer
    }

    private static func test(
        _ test: Condition.Test, _ column: Column, _ record: RawRecord
    ) throws(RowProblem) -> Answer {
        let field = column.value(record)
        guard case .compare(let comparison, let text, let number) = test else {
            return (field != nil) == (test == .isPresent) ? .yes : .no
        }
        guard let field else { return .unknown }
        let found = number == nil ? nil : NumberText.double(field)
        if let number, let found { return compares(found, comparison, number) ? .yes : .no }
        switch comparison {
        case .equal: return field.equals(text) ? .yes : .no
        case .different: return field.equals(text) ? .no : .yes
        default: throw column.problem("'\(Column.shown(field))' is no number")
        }
    }

    private static func compares(_ left: Double, _ comparison: Condition.Comparison, _ right: Double) -> Bool {
        switch comparison {
        case .equal: left == right
        case .different: left != right
        case .atMost: left <= right
        case .atLeast: left >= right
        case .less: left < right
        case .greater: left > right
        }
    }
}
