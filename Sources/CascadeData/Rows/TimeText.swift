import CascadeCore

/// Reads times from bytes.
enum TimeText {
    /// Times outside of the years 1 to 9999 are mistakes of the unit, and beyond what the database keeps.
    static let range: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999

    /// The time that `field` is in `format` (one of the formats without a start), or why it is none.
    static func time(_ field: FieldBytes, format: TimeFormat) -> Result<Timestamp, RowReason> {
        let found: Int64?
        if let unit = format.unit {
            found = number(field, unit: unit)
        } else if format == .date, field.count == 8, NumberText.integer(field) != nil {
            let text = field.string
            found =
                Timestamp(rfc3339: "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))")?.microseconds
        } else {
            found = Timestamp(rfc3339: field.string)?.microseconds
        }
        guard let found else { return .failure(RowReason("no time in \(format.rawValue)")) }
        guard range.contains(found) else {
            return .failure(RowReason("a time outside of the years 1 to 9999; is \(format.rawValue) the right format?"))
        }
        return .success(Timestamp(microseconds: found))
    }

    private static func number(_ field: FieldBytes, unit: Double) -> Int64? {
        if let whole = NumberText.integer(field) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: Int64(unit))
            return overflow ? .max : product
        }
        guard let value = NumberText.double(field) else { return nil }
        let microseconds = (value * unit).rounded()
        return abs(microseconds) < 9e18 ? Int64(microseconds) : .max
    }
}
