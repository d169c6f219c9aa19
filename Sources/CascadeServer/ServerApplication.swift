import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The application with its failures to listen in words, and with an end to its graceful shutdown.
struct ServerApplication<Responder: HTTPResponder>: ApplicationProtocol
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    let base: Application<Responder>
    let settings: ServerSettings

    var responder: Responder { base.responder }
    var server: HTTPServerBuilder { base.server }
    var eventLoopGroup: any EventLoopGroup { base.eventLoopGroup }
    var configuration: ApplicationConfiguration { base.configuration }
    var logger: Logger { base.logger }
    var services: [any Service] { base.services }
    var processesRunBeforeServerStart: [@Sendable () async throws -> Void] { base.processesRunBeforeServerStart }

    @Sendable func onServerRunning(_ channel: any Channel) async { await base.onServerRunning(channel) }

    func run() async throws {
        var configuration = ServiceGroupConfiguration(services: [base], logger: logger)
        configuration.maximumGracefulShutdownDuration = .milliseconds(settings.shutdownGraceMilliseconds)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError {
            throw listenError(error)
        } catch is SocketAddressError.UnknownHost {
            throw ServerError.unusableHost(host: settings.host, reason: "the name is not known")
        } catch let error as SocketAddressError {
            throw ServerError.unusableHost(host: settings.host, reason: "\(error)")
        }
    }

    private func listenError(_ error: IOError) -> ServerError {
        let (host, port) = (settings.host, settings.port)
        return switch error.errnoCode {
        case EADDRINUSE: .portInUse(host: host, port: port)
        case EACCES: .portForbidden(host: host, port: port)
        case EADDRNOTAVAIL: .unusableHost(host: host, reason: "no such address on this machine")
        default: .bindFailed(host: host, port: port, reason: String(cString: strerror(error.errnoCode)))
        }
    }
}
