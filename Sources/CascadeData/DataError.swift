/// What can stop an import or the generator; every text names the file and what to do.
package enum DataError: Error, Equatable, CustomStringConvertible {
    /// No file matches the pattern of a table.
    case noFile(pattern: String, directory: String, present: [String])
    /// The file could not be opened or read.
    case unreadable(file: String, reason: String)
    /// The file holds no byte.
    case emptyFile(file: String)
    /// A gzip file ends within its data; `position` counts compressed bytes.
    case truncatedGzip(file: String, position: Int)
    /// A gzip file is damaged at about `position`, in compressed bytes.
    case corruptGzip(file: String, position: Int, reason: String)
    /// The text is in an encoding that is not read.
    case wrongEncoding(file: String, encoding: String)
    /// Columns that the mapping names and the file does not have.
    case unknownColumns(file: String, table: String, columns: [String], present: [String])
    /// A column that the mapping names and the header holds twice.
    case ambiguousColumn(file: String, column: String)
    /// A record is longer than any row should be.
    case recordTooLong(file: String, line: Int, limit: Int)
    /// Every one of the first rows of a table was bad.
    case everyRowRejected(table: String, file: String, rows: Int, reasons: [String])
    /// The text of a whole-file format is broken, so that nothing after this place can be read.
    case brokenFile(file: String, line: Int, reason: String)
    /// A file of vectors that cannot be read, or does not go with its identifiers.
    case badVectors(file: String, reason: String)
    /// An output file could not be written.
    case unwritable(file: String, reason: String)
    /// Settings of the generator that make no world.
    case badSettings(problems: [String])

    /// The message for people, with what to do.
    package var description: String {
        switch self {
        case .noFile(let pattern, let directory, let present):
            "no file matches '\(pattern)' in \(directory), which holds: \(Self.list(present))."
                + " Point --path at the data set's folder or correct 'file' in the mapping."
        case .unreadable(let file, let reason):
            "\(file): cannot be read: \(reason)."
        case .emptyFile(let file):
            "\(file): is empty (0 bytes). Fetch the file again, or mark the table 'optional' and remove the file."
        case .truncatedGzip(let file, let position):
            "\(file): the gzip data ends early, at byte \(position). Fetch the file again."
        case .corruptGzip(let file, let position, let reason):
            "\(file): the gzip data is damaged at about byte \(position): \(reason). Fetch the file again."
        case .wrongEncoding(let file, let encoding):
            "\(file): is \(encoding) text. Convert it to UTF-8 (iconv -f \(encoding) -t UTF-8)."
        case .unknownColumns(let file, let table, let columns, let present):
            "\(file): table '\(table)' uses columns that the file does not have: \(Self.list(columns))."
                + " It has: \(Self.list(present)). Correct the mapping."
        case .ambiguousColumn(let file, let column):
            "\(file): the header names '\(column)' more than once. Name the columns in the mapping"
                + " ('columns' with 'skip_lines: 1' and 'header: false')."
        case .recordTooLong(let file, let line, let limit):
            "\(file):\(line): a line of more than \(limit) bytes. Is it text, and is the format right?"
        case .everyRowRejected(let table, let file, let rows, let reasons):
            "\(file): all of the first \(rows) rows of table '\(table)' are bad, so the mapping is likely wrong."
                + " First reasons: \(reasons.joined(separator: "; "))"
        case .brokenFile(let file, let line, let reason):
            "\(file):\(line): \(reason). Nothing after this place can be read; correct the file."
        case .badVectors(let file, let reason):
            "\(file): \(reason)."
        case .unwritable(let file, let reason):
            "\(file): cannot be written: \(reason)."
        case .badSettings(let problems):
            "no world can be generated: \(problems.joined(separator: "; "))."
        }
    }

    private static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "nothing" }
        let shown = names.prefix(40).map { $0.isEmpty ? "''" : $0 }.joined(separator: ", ")
        return names.count > 40 ? shown + ", and \(names.count - 40) more" : shown
    }
}
