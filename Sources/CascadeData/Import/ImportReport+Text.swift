import Foundation

extension ImportReport {
    /// The report as a table for people, a line a table and one for the sum, warnings below.
    package var text: String {
        var rows = [["table", "rows", "new", "present", "rejected", "seconds", "rows/s"]]
        for table in tables { rows.append(Self.cells(table)) }
        if tables.count > 1 {
            var sum = TableReport(table: "total")
            sum.rowsRead = total(\.rowsRead)
            sum.rejected = total(\.rejected)
            sum.seconds = seconds
            sum.outcome[.events] = ImportCount(inserted: total(\.inserted), duplicates: total(\.duplicates))
            rows.append(Self.cells(sum))
        }
        var widths = rows[0].map(\.count)
        for row in rows { widths = zip(widths, row).map { max($0, $1.count) } }
        let lines = rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + space : space + cell.0
            }.joined(separator: "  ")
        }
        return (lines + warnings.map { "warning: \($0)" }).joined(separator: "\n")
    }

    private static func cells(_ table: TableReport) -> [String] {
        [
            table.table, ImportNumber.grouped(table.rowsRead), ImportNumber.grouped(table.inserted),
            ImportNumber.grouped(table.duplicates), ImportNumber.grouped(table.rejected),
            ImportNumber.tenths(table.seconds), ImportNumber.grouped(Int(table.rate)),
        ]
    }
}

/// Numbers as people read them, the same in every locale.
enum ImportNumber {
    /// `1234567` as `1,234,567`.
    static func grouped(_ number: Int) -> String {
        let digits = String(abs(number))
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return number < 0 ? "-" + result : result
    }

    /// One digit after the point.
    static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }

    /// `75` as `1:15`, `3700` as `1:01:40`.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(max(0, seconds.rounded()), 359_999))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }
}
