import CascadeCore
import CascadeData
import CascadeFeatures
import CascadeModels
import CascadePipeline
import CascadeServer
import CascadeServing
import CascadeStorage
import CascadeTestSupport
import CascadeTraining
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore

@testable import cascade

/// The whole program in process: files generated, imported through their mapping, trained, served.
struct World: Sendable {
    let session: Session
    let service: PipelineService
    let release: Release

    static let split = WorldSettings().end.adding(seconds: -3 * 86_400)

    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Generates, imports, trains and composes the service, then runs `body`.
    static func with(_ body: @Sendable (World) async throws -> Void) async throws {
        try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations, connections: 12) { database in
            try await withTemporaryDirectory { directory in
                let session = Session(
                    configuration: configuration(), storage: Storage(pool: database.pool),
                    dataDirectory: directory, cluster: nil)
                try await importWorld(session, files: directory.appendingPathComponent("files"))
                let release = try await train(session)
                let service = try await PipelineService(session, logger: quiet)
                await service.follower.refresh()
                try await body(World(session: session, service: service, release: release))
                service.compute.shutdown()
            }
        }
    }

    static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func configuration() -> CascadeConfiguration {
        var configuration = CascadeConfiguration()
        configuration.features.minimumPositives = 30
        configuration.retrieval.dimension = 32
        configuration.retrieval.batchSize = 256
        configuration.retrieval.uniformNegatives = 128
        configuration.ranker.batchSize = 256
        configuration.ranker.crossRank = 16
        configuration.ranker.numericWidth = 4
        configuration.ranker.deep = [48, 24]
        configuration.interests.enabled = true
        configuration.interests.clusters = 8
        configuration.interests.epochs = 1
        configuration.interests.batchSize = 256
        configuration.interests.negatives = 16
        configuration.interests.exactBelow = 40
        // A debug build scores slowly, and the tests share two cores.
        configuration.pipeline.timeoutMilliseconds = 60_000
        configuration.pipeline.hydrateTimeoutMilliseconds = 20_000
        configuration.pipeline.encodeTimeoutMilliseconds = 20_000
        configuration.pipeline.rankTimeoutMilliseconds = 40_000
        for index in configuration.pipeline.sources.indices {
            configuration.pipeline.sources[index].timeoutMilliseconds = 20_000
        }
        configuration.server.requestTimeoutMilliseconds = 60_000
        return configuration
    }

    /// Writes the world as files and imports them through the mapping that ships.
    private static func importWorld(_ session: Session, files: URL) async throws {
        _ = try await generated().write(to: files)
        let mapping = try DatasetMapping.load(
            path: root.appendingPathComponent("Config/datasets/generated.yaml").path)
        _ = try await ImportRun(mapping: mapping, directory: files, sink: session.storage.importSink).run()
    }

    /// What was planted.
    static func generated() throws -> GeneratedWorld {
        var settings = WorldSettings()
        settings.users = 300
        settings.items = 250
        settings.impressions = 12_000
        settings.days = 20
        settings.interests = 8
        return try GeneratedWorld(settings)
    }

    /// A service with other sources, which alone decide the order.
    func service(sources: [String]) async throws -> PipelineService {
        var configuration = session.configuration
        configuration.pipeline.scorer = "source_order"
        configuration.interests.most = 3
        configuration.pipeline.sources = sources.map {
            SourceSettings(name: $0, limit: 20, timeoutMilliseconds: 20_000)
        }
        let other = Session(
            configuration: configuration, storage: session.storage, dataDirectory: session.dataDirectory,
            cluster: nil)
        let service = try await PipelineService(other, logger: Self.quiet)
        await service.follower.refresh()
        return service
    }

    static func train(_ session: Session) async throws -> Release {
        try await TrainingRun(
            catalog: session.storage.catalog, feedback: session.storage.feedback, releases: session.storage.releases,
            artifacts: session.artifacts, settings: session.configuration.trainingSettings, report: { _ in }
        ).run(Period(until: split))
    }

    /// Runs `body` against the routes of the server, without a socket unless `setup` says so.
    func serve(
        _ service: PipelineService? = nil, setup: TestingSetup = .router,
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let application = try ServerComposition.application(
            session, service ?? self.service, session.configuration, Self.quiet)
        try await application.test(setup) { client in try await body(client) }
    }
}

/// A JSON answer as nested dictionaries.
struct Answer {
    let status: Int
    let body: [String: Any]

    init(_ response: TestResponse) throws {
        status = response.status.code
        body = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [String: Any] ?? [:]
    }

    var items: [[String: Any]] { body["items"] as? [[String: Any]] ?? [] }
    var itemIDs: [String] { items.compactMap { $0["item_id"] as? String } }

    /// What of the user a source found the items by that it brought.
    func reasons(_ source: String) -> [String] {
        items.flatMap { $0["sources"] as? [[String: Any]] ?? [] }
            .filter { $0["name"] as? String == source }.compactMap { $0["because"] as? String }
    }

    func member(_ path: String...) -> Any? {
        path.reduce(body as Any?) { ($0 as? [String: Any])?[$1] }
    }
}

extension TestClientProtocol {
    func send(_ method: HTTPRequest.Method, _ uri: String, _ json: String? = nil) async throws -> Answer {
        try await execute(
            uri: uri, method: method, headers: json == nil ? [:] : [.contentType: "application/json"],
            body: json.map { ByteBuffer(string: $0) }
        ) { try Answer($0) }
    }

    func recommend(_ json: String) async throws -> Answer { try await send(.post, "/v1/recommendations", json) }
}
