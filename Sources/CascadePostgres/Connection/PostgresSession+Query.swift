import CPostgres
import Foundation

extension PostgresSession {
    /// Runs a statement and gives its rows. `timeout` replaces the configured limit.
    @discardableResult
    package func query(_ sql: SQL, timeout: Duration? = nil) throws(PostgresError) -> Rows {
        let text = sql.text
        let parameters = try ParameterBuffer(sql.values)
        return try perform(text, limit: timeout ?? configuration.statementTimeout) { () throws(PostgresError) in
            do throws(PostgresError) {
                return try self.run(text, parameters)
            } catch {
                guard self.isStalePlan(error) else { throw error }
                self.statements.forget(StatementCache.Key(text: text, types: parameters.types))
                // Inside a transaction the failure has already spoilt it.
                if PQtransactionStatus(self.connection) != PQTRANS_IDLE { throw error }
                return try self.run(text, parameters)
            }
        }
    }

    /// Runs a statement and gives the number of rows that it touched.
    @discardableResult
    package func execute(_ sql: SQL, timeout: Duration? = nil) throws(PostgresError) -> Int {
        try query(sql, timeout: timeout).affected
    }

    /// Runs several statements separated by semicolons, as one transaction unless they contain their own; no values.
    package func script(_ text: String, timeout: Duration? = nil) throws(PostgresError) {
        try run(script: text, limit: timeout ?? configuration.statementTimeout)
    }

    /// Runs several statements without the configured limit, unless `limit` sets one.
    func run(script text: String, limit: Duration?, interruptible: Bool = true) throws(PostgresError) {
        _ = try perform(text, limit: limit, interruptible: interruptible) { () throws(PostgresError) in
            if PQsendQuery(self.connection, text) == 0 { throw self.lost() }
            return try self.collectResults()
        }
    }

    /// Runs one statement that goes through although the task was cancelled.
    func shielded(_ text: String) throws(PostgresError) {
        try run(script: text, limit: .seconds(10), interruptible: false)
    }

    /// Runs `body` as one operation with its deadline, and leaves the connection ready for the next.
    ///
    /// `statement` is what errors quote, so it must hold no values.
    func perform<Value>(
        _ statement: String, limit: Duration?, interruptible: Bool = true,
        _ body: () throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        if connection == nil || health.isBroken { throw .connectionLost(message: "it is closed", statement: statement) }
        if interruptible, interruption?.isRaised == true { throw .cancelled(statement: statement) }
        operation = Operation(
            statement: statement, deadline: limit.map { .now.advanced(by: $0) }, limit: limit ?? .zero,
            interruptible: interruptible)
        defer {
            settleCancel()
            operation.cancel = nil
            health.setInTransaction(PQtransactionStatus(connection) != PQTRANS_IDLE)
        }
        return try body()
    }

    private func run(_ text: String, _ parameters: ParameterBuffer) throws(PostgresError) -> Rows {
        let key = StatementCache.Key(text: text, types: parameters.types)
        var decision: StatementCache.Decision = .unprepared
        if configuration.preparesStatements { decision = statements.decide(key) }
        if decision == .clear {
            if PQsendQuery(connection, "DEALLOCATE ALL") == 0 { throw lost() }
            _ = try collectResults()
            statements.removeAll()
            decision = statements.decide(key)
        }
        if case .prepare(let name) = decision {
            if PQsendPrepare(connection, name, text, Int32(parameters.count), parameters.types) == 0 { throw lost() }
            _ = try collectResults()
            statements.didPrepare(key, name: name)
            decision = .prepared(name: name)
        }
        let count = Int32(parameters.count)
        let sent = parameters.withPointers { values, lengths, formats in
            if case .prepared(let name) = decision {
                return PQsendQueryPrepared(connection, name, count, values, lengths, formats, 0)
            }
            return PQsendQueryParams(connection, text, count, parameters.types, values, lengths, formats, 0)
        }
        if sent == 0 { throw lost() }
        return Rows(try collectResults())
    }

    /// Whether a prepared statement was refused because the schema changed under it or the session was reset.
    private func isStalePlan(_ error: PostgresError) -> Bool {
        guard case .server(let failure) = error else { return false }
        return failure.sqlState == "26000" || (failure.sqlState == "0A000" && failure.message.contains("cached plan"))
    }

    /// Waits for the next result; nil ends the statement.
    ///
    /// A server that ends the connection says why first: `earlier`, which is then worth more than the loss itself.
    func nextResult(after earlier: PostgresError? = nil) throws(PostgresError) -> OpaquePointer? {
        do throws(PostgresError) {
            while PQisBusy(connection) == 1 { try wait() }
        } catch {
            throw earlier ?? error
        }
        return PQgetResult(connection)
    }

    /// Reads all results of what was sent; gives the last, or throws the first error among them.
    func collectResults() throws(PostgresError) -> ResultBox {
        try flush()
        var last: ResultBox?
        var failure: PostgresError?
        while let pointer = try nextResult(after: failure) {
            let box = ResultBox(pointer)
            switch PQresultStatus(pointer) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: last = box
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                // The protocol is now in a state that only copyIn and copyOut lead out of.
                health.markBroken()
                throw .misuse("COPY cannot be run as a query; call copyIn or copyOut")
            default: failure = failure ?? error(of: pointer)
            }
        }
        if let failure { throw failure }
        guard let last else { throw lost() }
        return last
    }

    /// The error that a failed result describes.
    func error(of result: OpaquePointer) -> PostgresError {
        let field = { (code: UnicodeScalar) in PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        guard let sqlState = field("C") else { return lost(String(cString: PQresultErrorMessage(result))) }
        let failure = ServerFailure(
            sqlState: sqlState, message: field("M") ?? "", hint: field("H"), constraint: field("n"), table: field("t"),
            statement: operation.statement, position: field("P").flatMap(Int.init))
        switch sqlState {
        case "57P01", "57P02", "57P03", "57P05": return lost(failure.message)
        case "57014": return operation.cause ?? .server(failure)
        case "40001", "40P01": return .serializationFailure(failure)
        case _ where sqlState.hasPrefix("23"):
            return .constraintViolation(ConstraintKind(sqlState: sqlState), failure)
        case _ where sqlState.hasPrefix("08"): return lost(failure.message)
        default: return .server(failure)
        }
    }
}
