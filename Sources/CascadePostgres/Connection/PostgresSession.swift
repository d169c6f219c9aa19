import CPostgres
import Foundation
import Logging

/// The blocking side of a connection: every call waits for the server on the calling thread.
///
/// One thread at a time. `PostgresConnection.withSession` lends it on the connection's own thread; nothing of it may be
/// kept after that.
package final class PostgresSession {
    let configuration: PostgresConfiguration
    let health = ConnectionHealth()
    let signal: WakeSignal
    /// The logger that also gets the server's notices, at debug.
    let logger: Logger

    var connection: OpaquePointer?
    /// Raised when the task that waits for this work was cancelled.
    var interruption: Interruption?
    var operation = Operation(statement: "", deadline: nil, limit: .zero, interruptible: false)
    var statements = StatementCache()
    /// Two entries: the socket and the wake signal.
    let pollEntries = UnsafeMutablePointer<pollfd>.allocate(capacity: 2)
    private let notices: NoticeReceiver

    init(configuration: PostgresConfiguration, logger: Logger) throws(PostgresError) {
        self.configuration = configuration
        self.logger = logger
        signal = try WakeSignal()
        notices = NoticeReceiver(logger)
    }

    deinit {
        // Sends the farewell without waiting for an answer.
        PQfinish(connection)
        pollEntries.deallocate()
    }

    /// Connects; throws one of the connection cases of `PostgresError`.
    func open() throws(PostgresError) {
        close()
        let limit = configuration.connectTimeout
        operation = Operation(
            statement: "", deadline: .now.advanced(by: limit), limit: limit, interruptible: true)
        connection = Self.start(configuration)
        guard let connection else { throw .connectFailed(server: server, message: "out of memory") }
        // The message then carries the SQLSTATE, which unlike the words does not depend on the server's language.
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        do throws(PostgresError) {
            try pollUntilConnected(connection)
        } catch {
            close()
            throw error
        }
        PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        PQsetnonblocking(connection, 1)
        PQsetNoticeReceiver(connection, NoticeReceiver.receive, Unmanaged.passUnretained(notices).toOpaque())
        health.opened(socket: PQsocket(connection))
        let corrections = SessionSettings.corrections { name in
            PQparameterStatus(connection, name).map { String(cString: $0) }
        }
        if let corrections { try run(script: corrections, limit: limit) }
    }

    /// Ends the connection; a session can be opened again.
    func close() {
        health.markBroken()
        PQfinish(connection)
        connection = nil
        statements = StatementCache()
        health.setInTransaction(false)
    }

    /// The address for messages.
    var server: String { configuration.description }

    /// Whether another transaction may find another session of the server: see `PostgresConfiguration`.
    package var sharesSessions: Bool { configuration.sharesSessions }

    /// The process of the server that serves this connection.
    package var processID: Int32 { PQbackendPID(connection) }

    private static func start(_ configuration: PostgresConfiguration) -> OpaquePointer? {
        var parameters = [
            "client_encoding": "UTF8", "fallback_application_name": configuration.applicationName,
            "keepalives_idle": "30",
            "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "30000",
        ]
        parameters.merge(configuration.parameters) { _, given in given }
        if !configuration.sharesSessions {
            let given = parameters["options"] ?? ProcessInfo.processInfo.environment["PGOPTIONS"]
            parameters["options"] = SessionSettings.options(after: given)
        }
        let keywords = CStringArray(Array(parameters.keys))
        let values = CStringArray(Array(parameters.values))
        return PQconnectStartParams(keywords.pointer, values.pointer, 0)
    }

    private func pollUntilConnected(_ connection: OpaquePointer) throws(PostgresError) {
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            if state == PGRES_POLLING_FAILED || PQstatus(connection) == CONNECTION_BAD {
                throw ConnectFailure.error(connection, server: server)
            }
            try waitWhileConnecting(PQsocket(connection), forWriting: state == PGRES_POLLING_WRITING)
            state = PQconnectPoll(connection)
        }
    }
}

/// A list of C strings ended by nil, as libpq takes its parameters.
private final class CStringArray {
    private var strings: [UnsafeMutablePointer<CChar>?]
    let pointer: UnsafeMutablePointer<UnsafePointer<CChar>?>

    init(_ texts: [String]) {
        strings = texts.map { strdup($0) }
        pointer = .allocate(capacity: texts.count + 1)
        for (index, string) in strings.enumerated() { (pointer + index).initialize(to: UnsafePointer(string)) }
        (pointer + texts.count).initialize(to: nil)
    }

    deinit {
        for string in strings { free(string) }
        pointer.deallocate()
    }
}
