import CascadeCore

/// A time on the columns of a file.
struct TimeColumn {
    /// Names the number of the row in its file instead of a column.
    static let rowNumber = "$row"

    private let column: Column?
    private let format: TimeFormat
    private let start: Int64
    private let step: Double

    init(_ mapping: TimeMapping, _ resolver: ColumnResolver, required: Bool) {
        column = mapping.column == Self.rowNumber ? nil : resolver.column(mapping.column, required: required)
        format = mapping.format
        start = mapping.start.flatMap { Timestamp(rfc3339: $0) }?.microseconds ?? 0
        step = mapping.step ?? 0
    }

    /// The row's time, or nil where its cell is missing; `number` is the row's number in its file.
    func value(_ record: RawRecord, number: Int) throws(RowProblem) -> Timestamp? {
        guard let column else { return try stepped(Double(number)) }
        guard let field = column.value(record) else { return nil }
        guard field.kind == .text else { throw column.problem("is a list where a time is expected") }
        if format == .steps {
            guard let steps = NumberText.double(field) else {
                throw column.problem("'\(Column.shown(field))' is no number of steps")
            }
            return try stepped(steps)
        }
        switch TimeText.time(field, format: format) {
        case .success(let time): return time
        case .failure(let reason): throw column.problem("'\(Column.shown(field))' is \(reason.text)")
        }
    }

    /// The row's time; a missing one is a problem.
    func required(_ record: RawRecord, number: Int) throws(RowProblem) -> Timestamp {
        guard let time = try value(record, number: number) else {
            throw RowProblem(column: column?.name, reason: "is missing")
        }
        return time
    }

    private func stepped(_ steps: Double) throws(RowProblem) -> Timestamp {
        let microseconds = Double(start) + (steps * step * 1e6).rounded()
        guard abs(microseconds) < 9e18, TimeText.range.contains(Int64(microseconds)) else {
            throw RowProblem(column: column?.name, reason: "a time outside of the years 1 to 9999")
        }
        return Timestamp(microseconds: Int64(microseconds))
    }
}
