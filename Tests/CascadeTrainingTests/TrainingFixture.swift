import CascadeCore
import CascadeData
import CascadeFeatures
import CascadeModels
import CascadeStorage
import CascadeTestSupport
import CascadeTraining
import Foundation

/// A database with a generated world, a folder for releases, and settings that train in seconds.
struct TrainingFixture: Sendable {
    let storage: Storage
    let directory: URL

    /// Where the held-out days of the world begin.
    static let split = WorldSettings().end.adding(seconds: -3 * 86_400)

    static func with(
        world: WorldSettings? = small, _ body: @Sendable (TrainingFixture) async throws -> Void
    ) async throws {
        try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations) { database in
            let storage = Storage(pool: database.pool)
            if let world {
                try await storage.importSink.declare(
                    attributes: GeneratedWorld.attributeDefinitions, signals: GeneratedWorld.signals)
                _ = try await GeneratedWorld(world).write(to: storage.importSink)
            }
            try await withTemporaryDirectory { directory in
                try await body(TrainingFixture(storage: storage, directory: directory))
            }
        }
    }

    static var small: WorldSettings {
        var settings = WorldSettings()
        settings.users = 400
        settings.items = 300
        settings.impressions = 16_000
        settings.days = 20
        settings.interests = 8
        return settings
    }

    static var settings: TrainingSettings {
        var settings = TrainingSettings()
        settings.features.minimumPositives = 30
        settings.retrieval.dimension = 32
        settings.retrieval.hidden = 48
        settings.retrieval.batchSize = 256
        settings.retrieval.uniformNegatives = 128
        settings.retrieval.epochs = 4
        settings.ranker.batchSize = 256
        settings.ranker.crossRank = 16
        settings.ranker.numericWidth = 4
        settings.ranker.deep = [48, 24]
        settings.ranker.epochs = 2
        settings.threads = 2
        return settings
    }

    /// Clicks of users who each like every other item, the last of them after the split.
    static func clicks(users: Int, items: Int) -> [Event] {
        (0..<users).flatMap { user in
            stride(from: user % 2, to: max(items, 1), by: 2).map { item in
                let place = (item / 2 + user * 7) % max(1, items / 2)
                return Event(
                    id: "\(user)-\(item)", type: "click", userID: UserID("u\(user)"), itemID: ItemID("i\(item)"),
                    occurredAt: split.adding(seconds: Double(60 * (place - items / 2) + 150)))
            }
        }
    }

    func run(_ settings: TrainingSettings = settings, until: Timestamp? = split, activate: Bool = true) async throws
        -> Release
    {
        try await TrainingRun(
            catalog: storage.catalog, feedback: storage.feedback, releases: storage.releases,
            artifacts: DirectoryArtifacts(directory),
            settings: settings, report: { _ in }
        ).run(Period(until: until), activate: activate)
    }

    /// The figures of a bundle on what came from a moment on.
    func evaluate(_ bundle: ModelBundle, from: Timestamp) async throws -> [String: Double] {
        let log = try await storage.feedback.interactions(in: Period())
        return try EvaluationRun.evaluate(
            bundle, log: log, users: try await storage.catalog.users(), heldOut: .period(Period(from: from)),
            history: .frozen
        ).numbers
    }

    func numbers(_ release: Release) throws -> [String: Double] {
        try JSONDecoder().decode([String: Double].self, from: Data(release.metricsJSON.utf8))
    }
}
