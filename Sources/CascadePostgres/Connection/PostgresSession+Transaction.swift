import CPostgres
import Logging

/// How far a transaction is kept apart from those beside it.
package enum TransactionIsolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
}

extension PostgresSession {
    /// Runs `body` in a transaction: commits when it returns, rolls back when it throws.
    package func transaction<Value>(
        isolation: TransactionIsolation = .readCommitted, readOnly: Bool = false, _ body: () throws -> Value
    ) throws -> Value {
        try begin(isolation, readOnly: readOnly)
        let value: Value
        do {
            value = try body()
            try commit()
        } catch {
            rollback()
            throw error
        }
        return value
    }

    func begin(_ isolation: TransactionIsolation, readOnly: Bool) throws(PostgresError) {
        if PQtransactionStatus(connection) == PQTRANS_INTRANS {
            throw .misuse("a transaction cannot start inside another; pass the connection on instead")
        }
        try script("BEGIN ISOLATION LEVEL \(isolation.rawValue)" + (readOnly ? " READ ONLY" : ""))
    }

    func commit() throws(PostgresError) {
        // The server answers COMMIT of a failed transaction with ROLLBACK and no error.
        if PQtransactionStatus(connection) == PQTRANS_INERROR { throw .transactionAborted }
        try script("COMMIT")
    }

    /// Rolls back; a connection on which even that fails is broken.
    func rollback() {
        guard connection != nil, !health.isBroken, PQtransactionStatus(connection) != PQTRANS_IDLE else { return }
        do throws(PostgresError) {
            try shielded("ROLLBACK")
        } catch {
            health.markBroken()
            logger.debug("rollback failed", metadata: ["error": "\(error)"])
        }
    }
}
