import CascadeCore
import CascadeData
import CascadeFeatures
import CascadeModels
import CascadePostgres
import CascadeStorage
import CascadeTraining
import Foundation
import Testing

/// Users who each like one theme, and items that nobody met in the training period: only what they show tells whose they are.
@Suite struct ContentVectorTests {
    private static let themes = 8
    private static let itemsPerTheme = 15
    private static let users = 160
    private static let width = 12

    private static func item(_ theme: Int, _ number: Int) -> ItemID { ItemID("i-\(theme)-\(number)") }

    /// The last three items of each theme came after the training period.
    private static func isNew(_ number: Int) -> Bool { number >= itemsPerTheme - 3 }

    /// A direction a theme, a common offset that tells nothing, and some noise.
    private static func vector(_ theme: Int, _ random: inout SeededRandom) -> [Float] {
        (0..<width).map { column in
            (column == theme ? 2 : 0) + 5 + Float(random.uniform() - 0.5) * 0.4
        }
    }

    /// Writes the catalog, its vectors and the log as files with their mapping.
    private static func write(to folder: URL) throws -> DatasetMapping {
        var random = SeededRandom(seed: 4)
        var items = "item\n"
        var ids = ""
        var numbers = Data()
        var log = "user,item,at\n"
        let split = TrainingFixture.split.microseconds / 1_000_000
        for theme in 0..<themes {
            for number in 0..<itemsPerTheme {
                items += "\(item(theme, number))\n"
                ids += "\(item(theme, number))\n"
                for value in vector(theme, &random) {
                    withUnsafeBytes(of: value.bitPattern.littleEndian) { numbers.append(contentsOf: $0) }
                }
            }
        }
        for user in 0..<users {
            let theme = user % themes
            for step in 0..<6 {
                log +=
                    "u\(user),\(item(theme, (user * 5 + step * 7) % (itemsPerTheme - 3))),\(split - 10_000 + Int64(step))\n"
            }
            log += "u\(user),\(item(theme, itemsPerTheme - 1 - user % 3)),\(split + 10)\n"
        }
        let header =
            "{'descr': '<f4', 'fortran_order': False, 'shape': (\(themes * itemsPerTheme), \(width)), }"
        var matrix = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0])
        matrix.append(contentsOf: header.utf8)
        matrix.append(numbers)
        try matrix.write(to: folder.appendingPathComponent("image.npy"))
        for (name, text) in [("items.csv", items), ("ids.txt", ids), ("log.csv", log)] {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        return try DatasetMapping.parse(
            """
            dataset: themes
            tables:
              - { name: items, file: items.csv, format: csv, item: { id: item } }
              - name: log
                file: log.csv
                format: csv
                events: [{ type: click, user: user, item: item, time: { column: at, format: seconds } }]
            vectors:
              - { name: image, file: image.npy, ids: ids.txt }
            """, file: "themes.yaml")
    }

    private static func withWorld(_ body: @Sendable (TrainingFixture) async throws -> Void) async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            let files = fixture.directory.appendingPathComponent("files")
            try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
            let mapping = try write(to: files)
            for inserted in [themes * itemsPerTheme, 0] {
                let report = try await ImportRun(
                    mapping: mapping, directory: files, sink: fixture.storage.importSink
                ).run()
                #expect(report.tables[2].outcome[.vectors]?.inserted == inserted)
                #expect(report.warnings.isEmpty)
            }
            try await body(fixture)
        }
    }

    private static var settings: TrainingSettings {
        var settings = TrainingFixture.settings
        settings.retrieval.epochs = 30
        settings.retrieval.idDropout = 0.3
        settings.retrieval.learningRate = 5e-3
        settings.index.minimumRecall = 0.5
        return settings
    }

    @Test func anItemThatNobodyMetIsFoundByItsContent() async throws {
        try await Self.withWorld { fixture in
            let release = try await fixture.run(Self.settings)
            let numbers = try fixture.numbers(release)
            // Everything that is clicked after the split is new, so that no count knows of it.
            #expect(numbers["retrieval.popularity.recall@10"] == 0)
            let recall = try #require(numbers["retrieval.two_tower.recall@10"])
            #expect(recall > 0.9, "\(recall)")
            let folder = ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
            let bundle = try ModelBundle(folder: folder)
            #expect(bundle.map.retrieval.items.vectors.map(\.name) == ["image"])
            #expect(bundle.vectors.kinds[0].present == Self.themes * Self.itemsPerTheme)
            #expect(try Self.found(bundle) > 0.9)

            // The same world without its vectors: what nobody met is like anything else.
            var blind = Self.settings
            blind.features.schema = .automatic([])
            let other = try await fixture.run(blind)
            let otherFolder = ArtifactFolder(fixture.directory.appendingPathComponent(other.path))
            #expect(!FileManager.default.fileExists(atPath: otherFolder.path(ItemVectorsFile.name)))
            let chance = try Self.found(try ModelBundle(folder: otherFolder))
            #expect(chance < 0.4, "\(chance)")
        }
    }

    /// The share of the three best new items for each user that are of the user's theme.
    private static func found(_ bundle: ModelBundle) throws -> Double {
        let vectors = try bundle.retrieval.itemVectors(rows: 0..<bundle.rows.items.count)
        let width = bundle.retrieval.dimension
        let new = (0..<themes).flatMap { theme in
            (0..<itemsPerTheme).filter(isNew).map { (theme: theme, id: item(theme, $0)) }
        }
        var hits = 0
        for user in 0..<users {
            let theme = user % themes
            let past = (0..<6).map {
                HistoryEntry(
                    itemID: item(theme, (user * 5 + $0 * 7) % (itemsPerTheme - 3)), at: TrainingFixture.split,
                    signals: ["click"])
            }
            let encoded = bundle.retrievalUsers.encode([User(id: UserID("u\(user)"))])
            let taste = try EncodedHistory(past, bundle: bundle).lend {
                try bundle.retrieval.userVector(users: encoded, row: 0, history: $0)
            }
            let scores = try new.map { one in
                let row = Int(try #require(bundle.rows.itemRow[one.id]))
                return (one.theme, (0..<width).reduce(Float(0)) { $0 + taste[$1] * vectors[row * width + $1] })
            }
            let best = scores.sorted { $0.1 > $1.1 }.prefix(3)
            hits += best.filter { $0.0 == theme }.count
        }
        return Double(hits) / Double(3 * users)
    }

    /// The answer comes before anything is read, and tells what there is instead.
    @Test func aKindThatIsNotDeclaredIsRefused() async throws {
        try await Self.withWorld { fixture in
            var settings = Self.settings
            settings.features.schema = .automatic([], vectors: ["sound"])
            let wrong = FeatureError.badSchema(["there are no content vectors 'sound' (there are: image)"])
            await #expect(throws: wrong) { try await fixture.run(settings) }
            // Not even interactions are looked for.
            await #expect(throws: wrong) { try await fixture.run(settings, until: Timestamp(microseconds: 1)) }
            let experiment = Experiment(
                name: "kinds", part: .validation, period: Period(until: TrainingFixture.split), evaluateUntil: nil,
                signal: nil, seeds: [1], baselines: [], metrics: ["retrieval.two_tower.recall@10"], evaluateEvery: 0,
                variants: [.init(name: "all", settings: Self.settings), .init(name: "wrong", settings: settings)])
            await #expect(throws: wrong) {
                try await ExperimentRun(
                    catalog: fixture.storage.catalog, feedback: fixture.storage.feedback, experiment: experiment,
                    report: { _ in }
                ).run()
            }
        }
    }

    @Test func aRebuildReadsTheVectorsAnew() async throws {
        try await Self.withWorld { fixture in
            let release = try await fixture.run(Self.settings)
            let storage = fixture.storage
            // An item of theme 5 that comes after the training, and one that loses its vector.
            let late = Item(id: ItemID("late"))
            _ = try await storage.catalog.put(late)
            var batch = ImportBatch()
            var random = SeededRandom(seed: 9)
            batch.vectors = [ItemVector(itemID: late.id, name: "image", values: Self.vector(5, &random))]
            #expect(try await storage.importSink.write(batch).vectors.inserted == 1)
            let poor = Self.item(0, 0)
            try await storage.pool.execute("DELETE FROM item_vectors WHERE item_id = \(poor.rawValue)")

            var settings = IndexSettings()
            settings.minimumRecall = 0.5
            let rebuild = IndexRebuild(
                catalog: storage.catalog, feedback: storage.feedback, releases: storage.releases,
                artifacts: DirectoryArtifacts(fixture.directory), settings: settings, threads: 2)
            let made = try await rebuild.run()
            #expect(made.release.retrievalModelID == release.retrievalModelID)
            let folder = ArtifactFolder(fixture.directory.appendingPathComponent(made.release.path))
            let manifest = try folder.verify(manifestChecksum: made.release.manifestChecksum)
            #expect(manifest.files[ItemVectorsFile.name] != nil)
            let bundle = try ModelBundle(folder: folder)
            func vectors(_ id: ItemID) throws -> [ItemVector] {
                bundle.vectors.vectors(ofRow: Int(try #require(bundle.rows.itemRow[id])), id: id)
            }
            #expect(try vectors(late.id) == batch.vectors)
            #expect(try vectors(poor).isEmpty)
            #expect(try Self.found(bundle) > 0.9)
            // Nothing is made where the kind is gone, or is another one of the same name.
            try await storage.pool.execute("DELETE FROM vector_definitions")
            await #expect(throws: TrainingError.vectorsGone(name: "image", width: Self.width, declared: nil)) {
                try await rebuild.run()
            }
            try await storage.importSink.declare(vectors: [VectorDefinition(name: "image", width: 3)])
            await #expect {
                try await rebuild.run()
            } throws: {
                $0 as? TrainingError == .vectorsGone(name: "image", width: Self.width, declared: 3)
                    && "\($0)".contains("of 12 columns, but those in the database have 3")
                    && "\($0)".contains("cascade train")
            }
            #expect(try await storage.releases.activeRelease()?.id == made.release.id)
            // Without the file nothing of the release is used.
            try FileManager.default.removeItem(atPath: folder.path(ItemVectorsFile.name))
            #expect { try folder.verify(manifestChecksum: made.release.manifestChecksum) } throws: {
                "\($0)".contains(ItemVectorsFile.name)
            }
            await #expect(throws: ModelError.self) { try await rebuild.run() }
        }
    }
}
