import ArgumentParser
import CascadePostgres
import CascadeStorage
import Foundation

/// `cascade db`: the private Postgres and the schema.
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Start, stop, upgrade, back up and restore the database.",
        subcommands: [
            Start.self, Stop.self, Status.self, Upgrade.self, DatabaseBackupCommand.self, DatabaseRestoreCommand.self,
            DatabaseLogsCommand.self, DatabasePruneCommand.self,
        ])

    /// Tells that a database URL rules a private cluster out.
    private static func requirePrivate(_ configuration: CascadeConfiguration) throws {
        guard configuration.database.url.isEmpty else {
            throw ValidationError("a database URL is configured, so there is no private Postgres to start or stop")
        }
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start the private Postgres and keep it running.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let configuration = try options.load()
            try DatabaseCommand.requirePrivate(configuration)
            let cluster = Session.localCluster(configuration)
            _ = try await cluster.start(keep: true)
            let status = try await cluster.status()
            try await cluster.release()
            Terminal.out("running; socket in \(status.socketDirectory)")
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop the private Postgres.")
        @OptionGroup var options: GlobalOptions
        @Flag(help: "Stop it although other commands use it.") var force = false

        func run() async throws {
            let configuration = try options.load()
            try DatabaseCommand.requirePrivate(configuration)
            try await Session.localCluster(configuration).stop(force: force)
            Terminal.out("stopped")
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell what runs, what is migrated and what is stored.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let configuration = try options.load()
            if configuration.database.url.isEmpty {
                let status = try await Session.localCluster(configuration).status()
                switch status.state {
                case .absent:
                    Terminal.out("private Postgres: none yet; the first command that needs it makes it")
                    return
                case .stopped:
                    Terminal.out("private Postgres: stopped (\(status.home))")
                case .running(let process):
                    Terminal.out("private Postgres: running as process \(process) (\(status.home))")
                }
            }
            try await Session.with(options) { session in
                let counts = try await session.storage.counts()
                Terminal.out(
                    "\(counts.users) users, \(counts.items) items (\(counts.hiddenItems) hidden), "
                        + "\(counts.impressions) impressions, \(counts.events) events")
                let files = try ProjectFiles.locate("Migrations")
                for state in try await session.storage.migrationStatus(directory: files) {
                    Terminal.out("migration \(state.version) \(state.name): \(state.state)")
                }
            }
        }
    }

    struct Upgrade: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring the schema up to date.", aliases: ["migrate"])
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            try await Session.with(options) { session in
                let states = try await session.storage.migrationStatus(
                    directory: try ProjectFiles.locate("Migrations"))
                Terminal.out("the schema is at migration \(states.last?.version ?? 0)")
            }
        }
    }
}
