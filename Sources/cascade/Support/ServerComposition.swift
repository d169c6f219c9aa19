import CascadeCore
import CascadeModels
import CascadePipeline
import CascadePostgres
import CascadeServer
import CascadeServing
import CascadeStorage
import Foundation
import Hummingbird
import Logging

/// Puts the server together from an open session.
enum ServerComposition {
    static func dependencies(
        _ session: Session, _ service: PipelineService, _ configuration: CascadeConfiguration, keys: KeyRing? = nil,
        _ logger: Logger
    ) -> ServerDependencies {
        let (storage, holder) = (session.storage, service.holder)
        let statistics = StatisticsReader(
            storage: storage, releaseDirectory: session.releaseDirectory, counted: ServedStatistics.countedRows
        ) { id in holder.current.flatMap { $0.stamp.releaseID == id ? $0.loaded.count : nil } }
        let ring = keys ?? KeyRing(configuration.server.auth)
        let token = InspectorToken()
        return ServerDependencies(
            settings: configuration.server, keys: ring, recommender: service.shadowed,
            ranker: service.pipeline, explainer: service.router, pages: service.pages, similar: service.similar,
            catalog: session.storage.catalog, relations: session.storage.relations,
            hidden: session.storage.hiddenItems, eraser: session.storage.eraser,
            feedback: session.storage.feedback, releases: session.storage.releases,
            releaseControl: ServedReleaseControl(control: ReleaseControl(session: session)), jobs: storage.jobs,
            idempotency: storage.idempotency,
            statistics: ServedStatistics { try await statistics.read() },
            traces: StoredTraces(store: session.storage.traces),
            readiness: ServedReadiness(holder: service.holder, storage: session.storage), metrics: service.metrics,
            logger: logger, inspectorToken: token, classify: classify,
            onListening: { host, port in
                var metadata: Logger.Metadata = ["host": "\(host)", "port": "\(port)"]
                if let link = token.link(configuration.server, ring, port: port) { metadata["inspector"] = "\(link)" }
                logger.notice("listening", metadata: metadata)
            })
    }

    /// The server over an open session.
    static func application(
        _ session: Session, _ service: PipelineService, _ configuration: CascadeConfiguration, keys: KeyRing? = nil,
        _ logger: Logger
    ) throws -> some ApplicationProtocol {
        try buildApplication(dependencies: dependencies(session, service, configuration, keys: keys, logger))
    }

    /// What a storage error means to a caller.
    private static func classify(_ error: any Error) -> RequestFailure? {
        guard let error = error as? StorageError else { return nil }
        if error.isUnavailable { return .unavailable("the database cannot be reached", retryAfter: 2) }
        switch error {
        // The role that is missing is for the log.
        case .database(.server(let failure)) where failure.sqlState == "42501":
            return RequestFailure(.forbidden, "the login of this server to the database has not the right to do that")
        case .invalidValue, .refusedValue: return .validation("", "invalid", "\(error)")
        case .unknownRelease(let id): return RequestFailure(.notFound, "there is no release '\(id)'")
        case .releaseNotServable, .releaseNotBuilt: return RequestFailure(.conflict, "\(error)")
        case .tooManySignals: return RequestFailure(.conflict, "\(error)")
        default: return nil
        }
    }
}

/// Whether the database answers and a release is served.
struct ServedReadiness: ReadinessProviding {
    let holder: ReleaseHolder
    let storage: Storage

    /// Seconds without a look at the catalog's changes from which on that is worth telling.
    private static let lagging = 5.0

    func readiness() async -> ReadinessReport {
        var checks: [ReadinessReport.Check] = []
        do {
            _ = try await storage.hasItems()
            checks.append(.init(name: "database", status: .ok))
        } catch {
            checks.append(.init(name: "database", status: .failed, detail: "the database cannot be reached"))
        }
        guard let snapshot = holder.current else {
            checks.append(
                .init(name: "release", status: .failed, detail: holder.problem ?? "no release is active; train one"))
            return ReadinessReport(checks: checks)
        }
        checks.append(
            .init(name: "release", status: holder.problem == nil ? .ok : .degraded, detail: holder.problem))
        if let lag = holder.catalogLag {
            let seconds = Int(lag.rounded())
            checks.append(
                .init(
                    name: "catalog", status: lag < Self.lagging ? .ok : .degraded,
                    detail: lag < Self.lagging ? nil : "its changes were last seen \(seconds) s ago"))
        }
        let built = Timestamp(rfc3339: snapshot.manifest.builtAt) ?? snapshot.release.createdAt
        return ReadinessReport(
            checks: checks, releaseID: snapshot.stamp.releaseID,
            index: .init(version: snapshot.stamp.indexVersion, items: snapshot.loaded.count, builtAt: built),
            model: .init(
                version: snapshot.stamp.rankerVersion, retrievalVersion: snapshot.stamp.retrievalVersion,
                trainedAt: snapshot.release.createdAt))
    }
}
