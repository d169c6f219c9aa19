import CascadeCore

extension ImportParser {
    /// Floats of a batch: enough for long stretches of COPY, little enough for memory.
    private static let batchFloats = 4 << 20

    /// Reads the entry `index` of `vectors`; says whether to go on.
    func readVectors(_ index: Int, _ send: (ParsedBatch) -> Bool) throws(DataError) -> Bool {
        let table = mapping.tables.count + index
        guard let source = plan.vectors[index] else {
            return send(ParsedBatch(table: table, bytesRead: bytesBefore, endsTable: true))
        }
        let most = max(1, min(batchRows, Self.batchFloats / source.definition.width))
        var part = ParsedBatch(table: table)
        // Of bad rows: how many there are, and what is wrong with the first of them.
        var bad = 0
        var reasons: [String] = []
        func hopeless() -> DataError {
            .everyRowRejected(
                table: "vectors \(source.definition.name)", file: source.file.name, rows: bad, reasons: reasons)
        }
        for row in 0..<source.rows {
            part.rowsRead += 1
            do throws(RowProblem) {
                part.batch.vectors.append(try source.vector(row))
            } catch {
                part.rejected += 1
                bad += 1
                if reasons.count < 3 { reasons.append("row \(row + 1): \(error.reason)") }
                try rejects.add(
                    file: source.file.name, line: row + 1,
                    raw: String(decoding: source.lines.bytes(row), as: UTF8.self),
                    problem: error)
            }
            if bad == row + 1, bad >= Self.hopelessRows { throw hopeless() }
            if part.rowsRead >= most {
                part.bytesRead = bytesBefore + source.file.bytes / source.rows * row
                guard send(part) else { return false }
                part = ParsedBatch(table: table)
            }
        }
        if source.rows > 0, bad == source.rows { throw hopeless() }
        bytesBefore += source.file.bytes
        part.bytesRead = bytesBefore
        part.endsTable = true
        if source.rows == 0 { part.warning = "\(source.file.name): holds no rows" }
        return send(part)
    }
}
