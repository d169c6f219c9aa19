import CascadeCore
import Foundation

/// What was parsed of one table since the last batch.
struct ParsedBatch: Sendable {
    var table: Int
    var batch = ImportBatch()
    var rowsRead = 0
    var skipped = 0
    var rejected = 0
    /// Users and items that stood in the batch already.
    var merged = 0
    /// Stored bytes read so far, of all files.
    var bytesRead = 0
    var endsTable = false
    var warning: String?
}

/// What an import will read: found and checked before any row is written.
struct ImportPlan: Sendable {
    var files: [[TableFile]]
    /// One an entry of the mapping's `vectors`; nil where its files may be missing and are.
    var vectors: [VectorSource?]
    var warnings: [String]
    var bytesTotal: Int

    /// Finds the files of all tables and holds their columns against the mapping.
    init(_ mapping: DatasetMapping, directory: URL) throws(DataError) {
        files = []
        warnings = []
        for table in mapping.tables {
            let found = try TableFiles.find(table, in: directory)
            if found.isEmpty {
                warnings.append("table '\(table.name)': no file \(table.file.all.joined(separator: ", "))")
            }
            for file in found { warnings += try OpenTable.probe(file, table: table, mapping: mapping) }
            files.append(found)
        }
        vectors = []
        for one in mapping.vectors ?? [] {
            let found = try VectorSource.find(one, in: directory)
            if found == nil { warnings.append("vectors '\(one.name)': no file \(one.file)") }
            vectors.append(found)
        }
        bytesTotal = vectors.reduce(0) { $0 + ($1?.file.bytes ?? 0) }
        bytesTotal += files.joined().reduce(0) { $0 + $1.size }
    }
}

/// Reads all files of a data set and hands the batches on; blocks, so it needs a thread of its own.
final class ImportParser {
    /// When so many first rows of a table are all bad, the mapping is wrong and not the data.
    static let hopelessRows = 1000

    let mapping: DatasetMapping
    let plan: ImportPlan
    let batchRows: Int
    let rejects: RejectsFile
    /// Stored bytes of the files that are read.
    var bytesBefore = 0

    init(_ mapping: DatasetMapping, plan: ImportPlan, batchRows: Int, rejects: RejectsFile) {
        self.mapping = mapping
        self.plan = plan
        self.batchRows = max(1, batchRows)
        self.rejects = rejects
    }

    /// Counts of the rows of one table, to tell a wrong mapping from bad rows.
    private struct TableState {
        var rows = 0
        var good = 0
        var reasons: [String] = []
    }

    /// Reads everything; `send` gets the batches in order and says whether to go on.
    func run(_ send: (ParsedBatch) -> Bool) throws(DataError) {
        // Rejects that were found before an error are worth having too.
        do throws(DataError) {
            for index in mapping.tables.indices {
                guard try readTable(index, send) else { return }
            }
            for index in plan.vectors.indices {
                guard try readVectors(index, send) else { return }
            }
        } catch {
            try rejects.flush()
            throw error
        }
        try rejects.flush()
    }

    private func readTable(_ index: Int, _ send: (ParsedBatch) -> Bool) throws(DataError) -> Bool {
        let table = mapping.tables[index]
        let memory = EntityMemory()
        let hasher = RowHasher(dataset: mapping.dataset, table: table.name)
        var state = TableState()
        for file in plan.files[index] {
            let open = try OpenTable.open(file, table: table, mapping: mapping)
            let builder = RowBuilder(open.plan, hasher: hasher, memory: memory)
            guard try read(open.reader, builder, file: file, index: index, state: &state, send) else { return false }
            bytesBefore += file.size
        }
        if state.rows > 0, state.good == 0, state.rows == state.reasons.count {
            throw hopeless(table, plan.files[index].first?.name ?? "", state)
        }
        return send(ParsedBatch(table: index, bytesRead: bytesBefore, endsTable: true))
    }

    private func read(
        _ reader: any RecordReader, _ builder: RowBuilder, file: TableFile, index: Int, state: inout TableState,
        _ send: (ParsedBatch) -> Bool
    ) throws(DataError) -> Bool {
        var part = ParsedBatch(table: index)
        var number = 0
        while try reader.next() {
            part.rowsRead += 1
            state.rows += 1
            do throws(RowProblem) {
                if try !builder.add(reader.record, number: number) { part.skipped += 1 }
                state.good += 1
            } catch {
                part.rejected += 1
                try rejects.add(file: file.name, record: reader.record, problem: error)
                try note(error, line: reader.record.line, file: file.name, index: index, state: &state)
            }
            number += 1
            if part.rowsRead >= batchRows {
                guard deliver(&part, builder, reader, send) else { return false }
            }
        }
        if number == 0 { part.warning = "\(file.name): holds no rows" }
        return part.rowsRead == 0 && part.warning == nil ? true : deliver(&part, builder, reader, send)
    }

    private func deliver(
        _ part: inout ParsedBatch, _ builder: RowBuilder, _ reader: any RecordReader, _ send: (ParsedBatch) -> Bool
    ) -> Bool {
        (part.batch, part.merged) = builder.take()
        part.bytesRead = bytesBefore + reader.storedBytesRead
        defer { part = ParsedBatch(table: part.table) }
        return send(part)
    }

    private func note(
        _ problem: RowProblem, line: Int, file: String, index: Int, state: inout TableState
    ) throws(DataError) {
        guard state.good == 0 else { return }
        if state.reasons.count < 3 {
            state.reasons.append("line \(line): \(problem.column.map { "\($0) " } ?? "")\(problem.reason)")
        }
        if state.rows >= Self.hopelessRows { throw hopeless(mapping.tables[index], file, state) }
    }

    private func hopeless(_ table: TableMapping, _ file: String, _ state: TableState) -> DataError {
        .everyRowRejected(table: table.name, file: file, rows: state.rows, reasons: state.reasons)
    }
}
