import CascadeCore
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
import Testing

@testable import cascade

/// An item that was put a moment ago is recommended to those who like what it shows, without a new release.
@Suite struct ContentServingTests {
    private static let themes = 6
    private static let items = 12
    private static let users = 90
    private static let image = VectorDefinition(name: "image", width: 8)

    private static func item(_ theme: Int, _ number: Int) -> ItemID { ItemID("i-\(theme)-\(number)") }

    private static func vector(_ theme: Int, _ number: Int) -> [Float] {
        (0..<image.width).map { column in (column == theme ? 2 : 1) + Float((number * 7 + column * 3) % 5) * 0.05 }
    }

    /// Items of six themes with their images, and users who click on one theme each.
    private static func write(to storage: Storage) async throws {
        var batch = ImportBatch()
        for theme in 0..<themes {
            for number in 0..<items {
                let id = item(theme, number)
                batch.items.append(Item(id: id))
                batch.vectors.append(ItemVector(itemID: id, name: image.name, values: vector(theme, number)))
            }
        }
        let start = Timestamp(microseconds: 1_700_000_000_000_000)
        for user in 0..<users {
            for step in 0..<6 {
                batch.events.append(
                    Event(
                        id: "\(user)-\(step)", type: "click", userID: UserID("u\(user)"),
                        itemID: item(user % themes, (user / themes + step) % items),
                        occurredAt: start.adding(seconds: Double(step))))
            }
        }
        try await storage.importSink.declare(attributes: [], signals: ["click"])
        try await storage.importSink.declare(vectors: [image])
        #expect(try await storage.importSink.write(batch).vectors.inserted == themes * items)
    }

    private static func configuration() -> CascadeConfiguration {
        var configuration = CascadeConfiguration()
        configuration.retrieval.dimension = 32
        configuration.retrieval.batchSize = 128
        configuration.retrieval.uniformNegatives = 64
        configuration.retrieval.epochs = 30
        configuration.retrieval.idDropout = 0.3
        configuration.retrieval.learningRate = 5e-3
        configuration.pipeline.timeoutMilliseconds = 60_000
        configuration.pipeline.encodeTimeoutMilliseconds = 20_000
        configuration.pipeline.scorer = "source_order"
        configuration.pipeline.sources = [SourceSettings(name: "two_tower", limit: 20, timeoutMilliseconds: 20_000)]
        configuration.server.requestTimeoutMilliseconds = 60_000
        return configuration
    }

    @Test func aNewItemIsFoundByItsContent() async throws {
        try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations, connections: 12) { database in
            try await withTemporaryDirectory { directory in
                let session = Session(
                    configuration: Self.configuration(), storage: Storage(pool: database.pool),
                    dataDirectory: directory, cluster: nil)
                try await Self.write(to: session.storage)
                _ = try await TrainingRun(
                    catalog: session.storage.catalog, feedback: session.storage.feedback,
                    releases: session.storage.releases, artifacts: session.artifacts,
                    settings: session.configuration.trainingSettings, report: { _ in }
                ).run(Period())
                let service = try await PipelineService(session, logger: World.quiet)
                await service.follower.refresh()
                #expect(service.holder.current?.delta.servedCount == 0)
                let application = try ServerComposition.application(
                    session, service, session.configuration, World.quiet)
                try await application.test(.router) { client in
                    try await Self.newItems(client, service)
                }
                service.compute.shutdown()
                try await Self.limited(session)
            }
        }
    }

    /// The settings of `serving` reach what serves.
    private static func limited(_ session: Session) async throws {
        var configuration = session.configuration
        configuration.serving.deltaLimit = 2
        configuration.serving.recallSampleRate = 1
        let other = Session(
            configuration: configuration, storage: session.storage, dataDirectory: session.dataDirectory, cluster: nil)
        let service = try await PipelineService(other, logger: World.quiet)
        await service.follower.refresh()
        #expect(service.holder.current?.delta.servedCount == 2)
        let measuring = Task { try await service.monitor.run() }
        let application = try ServerComposition.application(other, service, configuration, World.quiet)
        try await application.test(.router) { client in
            for user in 0..<3 {
                let answer = try await client.recommend(#"{"user_id":"u\#(user)","limit":20}"#)
                #expect(answer.status == 200)
            }
        }
        let start = ContinuousClock.now
        while service.monitor.status(of: .items).samples < 3, ContinuousClock.now - start < .seconds(20) {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(service.monitor.status(of: .items).samples == 3)
        measuring.cancel()
        service.compute.shutdown()
    }

    /// One new item a theme, told by its image alone: each user is given the one of their theme before the others.
    private static func newItems(_ client: any TestClientProtocol, _ service: PipelineService) async throws {
        for theme in 0..<themes {
            let numbers = vector(theme, 50 + theme).map { "\($0)" }.joined(separator: ",")
            let answer = try await client.send(.put, "/v1/items/new-\(theme)", #"{"vectors":{"image":[\#(numbers)]}}"#)
            #expect(answer.status == 201)
        }
        await service.follower.follow()
        #expect(service.holder.current?.delta.servedCount == themes)
        var right = 0
        for user in 0..<users {
            let answer = try await client.recommend(#"{"user_id":"u\#(user)","limit":20}"#)
            let new = answer.itemIDs.filter { $0.hasPrefix("new-") }
            if new.first == "new-\(user % themes)" { right += 1 }
        }
        #expect(right >= users * 9 / 10, "\(right) of \(users)")

        // Given another image, the item is another theme's.
        let numbers = vector(2, 3).map { "\($0)" }.joined(separator: ",")
        #expect(try await client.send(.put, "/v1/items/new-1", #"{"vectors":{"image":[\#(numbers)]}}"#).status == 200)
        await service.follower.follow()
        let answer = try await client.recommend(#"{"user_id":"u2","limit":20}"#)
        #expect(Set(answer.itemIDs.filter { $0.hasPrefix("new-") }.prefix(2)) == ["new-1", "new-2"])
    }
}
