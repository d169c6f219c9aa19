import CPostgres

extension PostgresSession {
    /// Streams rows into a table and gives their number; either all of them arrive or none.
    ///
    /// `table` is one name or `schema.table`. `produce` writes rows until it returns; when it throws, nothing is kept
    /// and its error is thrown on.
    @discardableResult
    package func copyIn(
        table: String, columns: [String], format: CopyFormat = .text, timeout: Duration? = nil,
        _ produce: (CopyInWriter) throws -> Void
    ) throws -> Int {
        let target = table.split(separator: ".").map { SQL.quoted(identifier: String($0)) }.joined(separator: ".")
        let described = try describe(columns, of: target, format: format)
        let names = columns.map(SQL.quoted(identifier:)).joined(separator: ", ")
        let statement = "COPY \(target) (\(names)) FROM STDIN (FORMAT \(format.rawValue))"
        return try copyInOperation(statement, shown: statement, limit: timeout) {
            let writer = CopyInWriter(columns: described, format: format) {
                [unowned self] bytes throws(PostgresError) in
                try self.put(bytes)
            }
            try produce(writer)
            try writer.finish()
        }
    }

    /// Streams rows that are already encoded, such as the lines of a file, by a COPY … FROM STDIN of the caller's.
    @discardableResult
    package func copyIn(
        raw statement: SQL, timeout: Duration? = nil,
        _ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> Int {
        try copyInOperation(try statement.inlined(), shown: statement.text, limit: timeout) {
            try produce { bytes in try self.put(bytes) }
        }
    }

    private func copyInOperation(
        _ statement: String, shown: String, limit: Duration?, _ body: () throws -> Void
    ) throws -> Int {
        let outcome = try perform(shown, limit: limit) { () throws(PostgresError) -> CopyOutcome in
            if PQsendQuery(self.connection, statement) == 0 { throw self.lost() }
            try self.expectCopy(PGRES_COPY_IN)
            do {
                try body()
            } catch {
                try self.abortCopyIn(error)
                return .failed(error)
            }
            try self.endCopyIn(nil)
            return .copied(try self.collectResults())
        }
        switch outcome {
        case .copied(let box): return Int(String(cString: PQcmdTuples(box.pointer))) ?? 0
        case .failed(let error): throw error
        }
    }

    private enum CopyOutcome {
        case copied(ResultBox)
        case failed(any Error)
    }

    /// The columns' types, which binary rows depend on.
    private func describe(
        _ columns: [String], of target: String, format: CopyFormat
    ) throws(PostgresError) -> [CopyColumn] {
        if format == .text { return columns.map { CopyColumn(name: $0, type: nil) } }
        let rows = try query(
            """
            SELECT attname, atttypid::int8 AS type FROM pg_attribute
            WHERE attrelid = \(target)::regclass AND attnum > 0 AND NOT attisdropped
            """)
        var types: [String: Int64] = [:]
        for row in rows { types[try row.decode("attname")] = try row.decode("type", as: Int64.self) }
        var described: [CopyColumn] = []
        for name in columns {
            guard let oid = types[name] else { throw .unknownColumn(name: name, available: types.keys.sorted()) }
            described.append(CopyColumn(name: name, type: PostgresType(rawValue: UInt32(oid))))
        }
        return described
    }

    /// Sends a piece of the stream, waiting while the server is behind.
    private func put(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        guard let start = bytes.baseAddress else { return }
        if operation.interruptible, interruption?.isRaised == true { throw .cancelled(statement: operation.statement) }
        if let deadline = operation.deadline, deadline <= .now {
            throw .timedOut(statement: operation.statement, after: operation.limit)
        }
        var status: Int32
        repeat {
            status = PQputCopyData(connection, start.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
            if status == 0 { try wait(forWriting: true) }
        } while status == 0
        if status < 0 { throw lost() }
        try flush()
    }

    /// Waits for the server's word that COPY begins, or throws its refusal.
    func expectCopy(_ direction: ExecStatusType) throws(PostgresError) {
        try flush()
        guard let pointer = try nextResult() else { throw lost() }
        let box = ResultBox(pointer)
        switch PQresultStatus(box.pointer) {
        case direction: return
        case PGRES_FATAL_ERROR:
            let failure = error(of: box.pointer)
            while let rest = try nextResult(after: failure) { PQclear(rest) }
            throw failure
        default:
            // A COPY in the other direction would first have to be carried out.
            health.markBroken()
            throw .misuse("the statement is no COPY in the wanted direction; call copyIn or copyOut to match it")
        }
    }

    private func endCopyIn(_ abort: String?) throws(PostgresError) {
        var status: Int32
        repeat {
            status = PQputCopyEnd(connection, abort)
            if status == 0 { try wait(forWriting: true) }
        } while status == 0
        if status < 0 { throw lost() }
        try flush()
    }

    /// Makes the server forget the rows; what it then says is known already, except when it failed first.
    private func abortCopyIn(_ reason: any Error) throws(PostgresError) {
        if health.isBroken { return }
        try endCopyIn("the producer of rows failed")
        while let pointer = try nextResult() { PQclear(pointer) }
    }
}
