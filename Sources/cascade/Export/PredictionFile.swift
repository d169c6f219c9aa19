import CascadeCore
import CascadeTraining

/// What an evaluated ranker foretold of each row, as CSV: for comparisons that no report has.
enum PredictionFile {
    static let header = "user_id,item_id,time,head,outcome,prediction,raw\n"

    /// Writes a line for each row and head; gives their number.
    static func write(_ report: EvaluationReport, to path: String) throws -> Int {
        let file = try ExportFile(path)
        var lines = 0
        do {
            try file.write(header)
            try report.forEachPrediction { row in
                lines += 1
                try file.write(
                    CSVText.line([
                        row.user.rawValue, row.item.rawValue, row.time.rfc3339, row.head, number(row.outcome),
                        number(row.served), number(row.raw),
                    ]))
            }
            try file.finish()
        } catch {
            file.abandon()
            throw error
        }
        return lines
    }

    /// The fewest digits that give the same number back; whole ones without a point.
    private static func number(_ value: Float) -> String {
        Int32(exactly: value).map { String($0) } ?? String(value)
    }
}
