import Foundation

/// The rows that could not be read, one JSON object a line; no such file exists while there are none.
final class RejectsFile {
    private let url: URL?
    private var handle: FileHandle?
    private var pending = Data()

    /// Removes a file of an earlier run; nil keeps no rejects.
    init(_ url: URL?) throws(DataError) {
        self.url = url
        guard let url, FileManager.default.fileExists(atPath: url.path) else { return }
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            throw .unwritable(file: url.path, reason: error.localizedDescription)
        }
    }

    /// Adds a row.
    func add(file: String, record: RawRecord, problem: RowProblem) throws(DataError) {
        guard url != nil else { return }
        try add(file: file, line: record.line, raw: record.rawText(), problem: problem)
    }

    /// Adds a row that no `RawRecord` holds.
    func add(file: String, line number: Int, raw: String, problem: RowProblem) throws(DataError) {
        guard url != nil else { return }
        let column = problem.column.map(JSONText.quoted) ?? "null"
        let line =
            "{\"file\":\(JSONText.quoted(file)),\"line\":\(number),\"column\":\(column),"
            + "\"reason\":\(JSONText.quoted(problem.reason)),\"raw\":\(JSONText.quoted(raw))}\n"
        pending.append(contentsOf: line.utf8)
        if pending.count > 1 << 16 { try flush() }
    }

    /// Writes what is not written yet.
    func flush() throws(DataError) {
        guard let url, !pending.isEmpty else { return }
        do {
            if handle == nil {
                guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
                    throw DataError.unwritable(file: url.path, reason: "the file cannot be created")
                }
                handle = try FileHandle(forWritingTo: url)
            }
            try handle?.write(contentsOf: pending)
            pending.removeAll(keepingCapacity: true)
        } catch let error as DataError {
            throw error
        } catch {
            throw .unwritable(file: url.path, reason: error.localizedDescription)
        }
    }
}
