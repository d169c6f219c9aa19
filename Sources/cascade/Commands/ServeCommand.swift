import ArgumentParser
import CascadeCore
import CascadeObservability
import CascadeServer
import CascadeServing
import CascadeStorage
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import UnixSignals

/// `cascade serve`: the REST service.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve recommendations over HTTP.")

    @OptionGroup var options: GlobalOptions
    @Option(help: "The port (default: server.port).") var port: Int?
    @Option(help: "The host to listen on (default: server.host).") var host: String?

    func run() async throws {
        var configuration = try options.load()
        if let port { configuration.server.port = port }
        if let host { configuration.server.host = host }
        let problems = configuration.problems()
        guard problems.isEmpty else { throw CommandFailure(problems.joined(separator: "; ")) }
        LogSetup(
            format: LogFormat(rawValue: configuration.logging.format) ?? .json,
            level: LogLevels.level(named: configuration.logging.level) ?? .info
        ).bootstrap()
        let session = try await Session.open(
            configuration, requestTimeout: .milliseconds(configuration.server.requestTimeoutMilliseconds))
        do {
            try await serve(session, configuration)
            try await session.close()
        } catch {
            try? await session.close()
            throw error
        }
    }

    private func serve(_ session: Session, _ configuration: CascadeConfiguration) async throws {
        let logger = Logger(label: "cascade.server")
        let service = try await PipelineService(session)
        await service.follower.refresh()
        let keys = KeyRing(configuration.server.auth)
        // Before it listens: a server that knew no keys yet would let everybody in.
        keys.update(try await session.storage.apiKeys.keys())
        let following = Upkeep("API keys cannot be followed", every: .seconds(2), logger: logger) {
            keys.update(try await session.storage.apiKeys.keys())
        }
        let application = try ServerComposition.application(session, service, configuration, keys: keys, logger)
        var group = ServiceGroupConfiguration(
            services: [
                service.traces, service.pages, service.monitor, service.follower, service.shadowed,
                service.shadowFollower,
                following, application,
            ] + service.arms.followers + service.upkeep,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        group.maximumGracefulShutdownDuration = .milliseconds(configuration.server.shutdownGraceMilliseconds + 2000)
        try await ServiceGroup(configuration: group).run()
        service.compute.shutdown()
    }
}
