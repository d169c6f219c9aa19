import ArgumentParser
import CascadeCore
import CascadeJobs
import CascadeObservability
import CascadeStorage
import Foundation
import Logging
import UnixSignals

/// `cascade work`: a worker that does jobs, one at a time.
struct WorkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work", abstract: "Do jobs, one at a time; several workers may share a database.")

    @OptionGroup var options: GlobalOptions
    @Option(help: "Kinds of jobs to do, by commas (default: all).") var kinds: String?
    @Option(help: "Seconds after which the job of a worker that is not heard of is another's.") var lease = 30.0
    @Flag(help: "End as soon as there is nothing to do.") var untilIdle = false

    func validate() throws {
        guard lease >= 3, lease <= 3600 else { throw ValidationError("--lease must be 3 to 3600 seconds") }
        _ = try chosen()
    }

    func run() async throws {
        let kinds = try chosen()
        let options = options
        try await Session.with(options) { session in
            LogSetup(
                format: LogFormat(rawValue: session.configuration.logging.format) ?? .json,
                level: LogLevels.level(named: session.configuration.logging.level) ?? .info
            ).bootstrap()
            let logger = Logger(label: "cascade.jobs")
            let worker = JobWorker(
                store: session.storage.jobs,
                executor: JobProcess(
                    program: Self.program, shared: options.config.map { ["--config=\($0)"] } ?? [],
                    variables: Self.variables(options, session)),
                name: "\(ProcessInfo.processInfo.hostName):\(getpid())", kinds: kinds, lease: lease, logger: logger)
            logger.info("the worker begins", metadata: ["worker": "\(worker.name)"])
            let run = Task { try await worker.run(untilIdle: untilIdle) }
            let signals = Task {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { run.cancel() }
            }
            defer { signals.cancel() }
            try await run.value
        }
    }

    private func chosen() throws -> [JobKind] {
        guard let kinds else { return JobKind.allCases }
        do {
            return try kinds.split(separator: ",").map {
                try JobArguments.kind($0.trimmingCharacters(in: .whitespaces))
            }
        } catch let error as JobError { throw ValidationError(error.description) }
    }

    /// This very program.
    private static var program: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    /// What jobs are told of where things are, so that they work on the same database and data.
    private static func variables(_ options: GlobalOptions, _ session: Session) -> [String: String] {
        var variables = ["CASCADE_DATA_DIRECTORY": session.dataDirectory.path]
        if let url = options.databaseURL {
            variables["CASCADE_DATABASE_URL"] = url
            variables["CASCADE_DATABASE_DIRECT_URL"] = session.configuration.database.directURL
            variables["CASCADE_DATABASE_REPLICA_URL"] = session.configuration.database.replicaURL
        }
        variables["CASCADE_LOGGING_LEVEL"] = options.logLevel
        return variables
    }
}
