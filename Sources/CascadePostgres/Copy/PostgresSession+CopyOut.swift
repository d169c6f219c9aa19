import CPostgres

extension PostgresSession {
    /// Streams the rows of a SELECT in binary and gives their number; the fastest way to read many.
    ///
    /// Values of `sql` become quoted literals, because COPY binds none. When `each` throws, the statement is stopped
    /// and the error thrown on.
    @discardableResult
    package func copyOut(
        _ sql: SQL, timeout: Duration? = nil, _ each: (CopyOutRow) throws -> Void
    ) throws -> Int {
        let row = CopyOutRow()
        var rows = 0
        var needsHeader = true
        let copy: SQL = "COPY (\(sql)) TO STDOUT (FORMAT binary)"
        try copyOutOperation(copy, limit: timeout) { message in
            var position = 0
            if needsHeader {
                position = try Self.headerLength(message)
                needsHeader = false
            }
            while position < message.count, try row.parse(message, &position) {
                try each(row)
                rows += 1
            }
        }
        return rows
    }

    /// Streams what a COPY … TO STDOUT of the caller's sends, a line of text (with its newline) or a message at a time.
    package func copyOut(
        raw statement: SQL, timeout: Duration? = nil, _ each: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try copyOutOperation(statement, limit: timeout, each)
    }

    private func copyOutOperation(
        _ sql: SQL, limit: Duration?, _ each: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let statement = try sql.inlined()
        let failure = try perform(sql.text, limit: limit) { () throws(PostgresError) -> (any Error)? in
            if PQsendQuery(self.connection, statement) == 0 { throw self.lost() }
            try self.expectCopy(PGRES_COPY_OUT)
            let failure = try self.receive(each)
            do throws(PostgresError) {
                _ = try self.collectResults()
            } catch {
                // A statement that was stopped for the consumer's sake ends in an error of its own.
                if failure == nil { throw error }
            }
            return failure
        }
        if let failure { throw failure }
    }

    /// Hands each message to `each` until the stream ends; gives the error of `each`, after which the rest is dropped.
    private func receive(_ each: (UnsafeRawBufferPointer) throws -> Void) throws(PostgresError) -> (any Error)? {
        var failure: (any Error)?
        while true {
            var message: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(connection, &message, 1)
            if length == 0 {
                try wait()
                continue
            }
            guard length > 0, let message else { return failure }
            defer { PQfreemem(message) }
            if failure != nil { continue }
            do {
                try each(UnsafeRawBufferPointer(start: message, count: Int(length)))
            } catch {
                failure = error
                stop(nil)
            }
        }
    }

    /// The length of signature, flags and extension, which come before the first row.
    private static func headerLength(_ message: UnsafeRawBufferPointer) throws(PostgresError) -> Int {
        let signature: [UInt8] = [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00]
        guard message.count >= 19, message.prefix(11).elementsEqual(signature) else {
            throw .copy("the stream does not start as binary COPY does; connect to a PostgreSQL server")
        }
        let extensionLength = Int32(bigEndian: message.loadUnaligned(fromByteOffset: 15, as: Int32.self))
        return 19 + Int(max(0, extensionLength))
    }
}
