/// A table in plain text: titles, a rule, rows; columns as wide as their widest cell.
struct TextTable {
    let titles: [String]
    /// Columns whose cells end at the right, from 0.
    let alignedRight: Set<Int>
    let rows: [[String]]

    var lines: [String] {
        let widths = titles.indices.map { column in
            ([titles] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let rule = widths.map { String(repeating: "-", count: $0) }
        return ([titles, rule] + rows).map { line($0, widths) }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = cells.enumerated().map { column, cell in
            let space = String(repeating: " ", count: max(0, widths[column] - cell.count))
            return alignedRight.contains(column) ? space + cell : cell + space
        }
        var text = padded.joined(separator: "  ")
        while text.last == " " { text.removeLast() }
        return text
    }
}
