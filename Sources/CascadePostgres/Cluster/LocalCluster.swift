package import Foundation
import Logging
import Synchronization

/// A private Postgres in a data directory, reachable over a Unix socket by this user only.
///
/// Commands that run at the same time share it: each `start` holds it until `release`, and the last to let go stops it.
/// A killed process lets go by itself; the server that it leaves behind is taken over by the next `start`. With
/// `keep`, the server runs on until `stop`.
package final class LocalCluster: Sendable {
    /// The part of the socket's name that tells servers apart; directories do that here.
    static let port = 5432
    /// The login; the socket's directory keeps others out.
    static let user = "cascade"

    private let dataDirectory: URL
    private let settings: ClusterSettings
    private let elsewhere: String
    private let hold = Mutex<FileLock?>(nil)

    /// `elsewhere` holds clusters of data directories that the server's user cannot enter.
    package init(
        dataDirectory: URL, settings: ClusterSettings = .standard, elsewhere: String = "/var/lib/cascade"
    ) {
        self.dataDirectory = dataDirectory
        self.settings = settings
        self.elsewhere = elsewhere
    }

    /// Starts the server, or joins those who use it, and gives the address of the database, which is made if missing.
    ///
    /// The first start in a data directory makes the cluster. Can be called again to revive a server that died.
    package func start(
        keep: Bool = false, database: String = "cascade"
    ) async throws(PostgresError) -> PostgresConfiguration {
        try await onOwnThread { () throws(PostgresError) in try self.startBlocking(keep: keep, database: database) }
    }

    /// Lets go; stops the server when nobody else holds it and it is not kept.
    package func release() async throws(PostgresError) {
        try await onOwnThread { () throws(PostgresError) in
            try self.stopBlocking(force: false, onlyIfUnused: true, mode: .fast)
        }
    }

    /// Stops the server, also one that is kept. Throws `.inUse` when other processes hold it, unless `force`.
    package func stop(force: Bool = false) async throws(PostgresError) {
        try await onOwnThread { () throws(PostgresError) in
            try self.stopBlocking(force: force, onlyIfUnused: false, mode: .fast)
        }
    }

    /// Ends the server as a crash would; for data that is thrown away. Blocks.
    package func abandon() throws(PostgresError) {
        try stopBlocking(force: true, onlyIfUnused: false, mode: .immediate)
    }

    /// What is there and whether it runs.
    package func status() async throws(PostgresError) -> ClusterStatus {
        try await onOwnThread { () throws(PostgresError) in
            let server = try self.server()
            var state = ClusterStatus.State.stopped
            if !FileManager.default.fileExists(atPath: server.location.versionFile) { state = .absent }
            if let process = server.processID { state = .running(processID: process) }
            return ClusterStatus(
                state: state, home: server.location.home, socketDirectory: server.location.socketDirectory,
                isKept: FileManager.default.fileExists(atPath: server.location.keepMarker))
        }
    }

    private func server() throws(PostgresError) -> ClusterServer {
        let account = try ServerAccount.current()
        let location = try ClusterLocation.resolve(
            dataDirectory: dataDirectory, account: account, elsewhere: elsewhere)
        return ClusterServer(location: location, account: account, settings: settings)
    }

    private func startBlocking(keep: Bool, database: String) throws(PostgresError) -> PostgresConfiguration {
        let server = try server()
        let start = try FileLock.acquire(server.location.startLock, .exclusive)
        defer { withExtendedLifetime(start) {} }
        let wasHeld = hold.withLock { $0 != nil }
        if !wasHeld {
            let lock = try FileLock.acquire(server.location.holdersLock, .shared)
            hold.withLock { $0 = lock }
        }
        do throws(PostgresError) {
            try server.initializeIfMissing()
            try server.start()
            if keep { _ = FileManager.default.createFile(atPath: server.location.keepMarker, contents: nil) }
            let address = PostgresConfiguration(
                socketDirectory: server.location.socketDirectory, port: Self.port, user: Self.user,
                database: "postgres")
            try Self.createIfMissing(database, address)
            return address.with(database: database)
        } catch {
            if !wasHeld { hold.withLock { $0 = nil } }
            throw error
        }
    }

    private func stopBlocking(
        force: Bool, onlyIfUnused: Bool, mode: ClusterServer.StopMode
    ) throws(PostgresError) {
        let server = try server()
        let start = try FileLock.acquire(server.location.startLock, .exclusive)
        defer { withExtendedLifetime(start) {} }
        let isKept = FileManager.default.fileExists(atPath: server.location.keepMarker)
        // Lets go of the own lock before asking whether others have one.
        let wasHeld = hold.withLock { hold in
            defer { hold = nil }
            return hold != nil
        }
        if onlyIfUnused, isKept || !wasHeld { return }
        try stop(server, force: force, onlyIfUnused: onlyIfUnused, mode: mode)
    }

    private func stop(
        _ server: ClusterServer, force: Bool, onlyIfUnused: Bool, mode: ClusterServer.StopMode
    ) throws(PostgresError) {
        let last = try Self.acquireAlone(server.location.holdersLock)
        defer { withExtendedLifetime(last) {} }
        if last == nil, !force {
            if onlyIfUnused { return }
            throw .cluster(.inUse)
        }
        unlink(server.location.keepMarker)
        try server.stop(mode)
    }

    /// The lock if nobody else has it.
    ///
    /// A child between its fork and its exec holds a copy of every lock of its parent's for a moment, which looks like
    /// another holder, so one refusal is not believed.
    private static func acquireAlone(_ path: String) throws(PostgresError) -> FileLock? {
        for _ in 0..<10 {
            if let lock = try FileLock.acquire(path, .exclusive, wait: false) { return lock }
            usleep(20_000)
        }
        return nil
    }

    private static func createIfMissing(
        _ database: String, _ address: PostgresConfiguration
    ) throws(PostgresError) {
        let session = try PostgresSession(configuration: address, logger: Logger(label: "cascade.postgres"))
        try session.open()
        defer { session.close() }
        let found = try session.query("SELECT 1 FROM pg_database WHERE datname = \(database)")
        if found.isEmpty { try session.execute("CREATE DATABASE \(identifier: database)") }
    }
}
