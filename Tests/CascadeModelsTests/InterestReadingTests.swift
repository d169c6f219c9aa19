import CascadeCore
import CascadeFeatures
@testable import CascadeModels
import CascadeNN
import Foundation
import Testing

/// A past that is read once for every cluster.
@Suite struct InterestReadingTests {
    private static let clusters = 5
    private static let towers = UserEncoders.names.filter { !UserEncoders.givesInterests($0) }
    private static let shares = ClusterHistogram(shares: [0.4, 0.3, 0.15, 0.1, 0.05])
    private static let members = towers.flatMap { tower in InterestForm.allCases.map { (tower, $0) } }

    private struct Trained {
        let fixture: ModelFixture
        let inference: InterestInference
        let single: RetrievalInference
        let users: EncodedEntities
        let store: ParameterStore
        let towers: InterestTowers

        func vectors(_ clusters: [Int32], _ past: [Int32]) throws -> [[Float]] {
            let flat = try HistorySlice.lend(items: past, codes: past.map { _ in 1 }) {
                try inference.userVectors(users: users, row: 0, history: $0, clusters: clusters)
            }
            return clusters.indices.map { Array(flat[($0 * 16)..<(($0 + 1) * 16)]) }
        }

        func intent(_ past: [Int32]) throws -> [Float] {
            try HistorySlice.lend(items: past, codes: past.map { _ in 1 }) {
                try inference.intent(users: users, row: 0, history: $0, cluster: cluster)
            }
        }

        func histogram(_ past: [Int32]) -> [Float] {
            HistorySlice.lend(items: past, codes: past.map { _ in 1 }) {
                inference.histogram.probabilities(of: $0, cluster: cluster)
            }
        }

        private func cluster(_ item: Int32) -> Int32? { item % Int32(clusters) }

        func alone(_ past: [Int32]) throws -> [Float] {
            try HistorySlice.lend(items: past, codes: past.map { _ in 1 }) {
                try single.userVector(users: users, row: 0, history: $0)
            }
        }
    }

    /// - Parameter disturbs: changes what tells the readings apart, which training would do.
    private func make(_ tower: String, _ form: InterestForm, disturbs: Bool = false) throws -> Trained {
        let fixture = try ModelFixture(retrieval: {
            $0.userTower = tower
            $0.hidden = 24
            $0.heads = 2
            $0.userID = true
        })
        var settings = InterestSettings()
        settings.form = form
        let (model, start) = try fixture.retrieval()
        let store = ParameterStore()
        let towers = try InterestTowers(
            settings: fixture.settings.retrieval, interests: settings, clusters: Self.clusters, map: fixture.map,
            store: store)
        try store.allocate(seed: 9)
        towers.keep(Self.shares, in: store)
        let copied = store.copy(from: start)
        #expect(copied == start.parameters.count + start.tables.count)
        if disturbs {
            var random = SeededRandom(seed: 4)
            for parameter in store.parameters
            where parameter.name.hasPrefix("interests.") && parameter.name != "interests.shares" {
                let weights = store.weights(parameter)
                for index in weights.indices { weights[index] += Float(random.uniform() - 0.5) }
            }
        }
        let (_, catalog) = fixture.map.retrieval.encode(fixture.rows)
        let users = EntityEncoder(layout: fixture.map.retrieval.users, table: fixture.map.retrieval.table)
            .encode([User(id: UserID("u12"))])
        return Trained(
            fixture: fixture,
            inference: InterestInference(towers: towers, map: fixture.map, store: store, catalog: catalog),
            single: RetrievalInference(model: model, map: fixture.map, store: start, catalog: catalog), users: users,
            store: store, towers: towers)
    }

    private func nearness(_ left: [Float], _ right: [Float]) -> Float {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test(arguments: members) func trainingStartsAtTheSingleVector(tower: String, form: InterestForm) throws {
        let made = try make(tower, form)
        let past: [Int32] = [3, 7, 11, 4]
        let alone = try made.alone(past)
        for vector in try made.vectors([0, 3, 4], past) {
            #expect(nearness(vector, alone) > (form == .experts ? 0.98 : 0.999_99), "\(tower), \(form)")
        }
        let intent = try made.intent(past)
        #expect(intent.count == Self.clusters)
        for (p, share) in zip(intent, made.histogram(past)) { #expect(abs(p - share) < 1e-5) }
        for (p, share) in zip(try made.intent([]), Self.shares.shares) { #expect(abs(p - share) < 1e-5) }
    }

    @Test(arguments: members) func clustersAreReadApartAndByThemselves(tower: String, form: InterestForm) throws {
        let made = try make(tower, form, disturbs: true)
        let past: [Int32] = [3, 7, 11, 4]
        let all = try made.vectors([0, 1, 2, 3, 4], past)
        for vector in all { #expect(abs(nearness(vector, vector) - 1) < 1e-4) }
        #expect(nearness(all[0], all[1]) < 0.999, "\(tower), \(form)")
        // Neither the others of the batch nor their number has a part in a vector; 20 take two passes.
        let many = try made.vectors((0..<20).map { Int32($0 % 5) }, past)
        for (place, vector) in many.enumerated() {
            #expect(zip(vector, all[place % 5]).allSatisfy { abs($0 - $1) < 1e-5 }, "\(tower), \(form), \(place)")
        }
        let intent = try made.intent(past)
        #expect(abs(intent.reduce(0, +) - 1) < 1e-5)
        #expect(Set(intent).count == Self.clusters)
    }

    @Test func theIntentKeepsToTheHistogramWhateverTheTowerSays() throws {
        let made = try make("pooled", .prompt, disturbs: true)
        #expect(made.inference.histogram == Self.shares)
        let (first, second) = (try made.intent([0, 5, 10, 15]), try made.intent([1, 6, 11, 16]))
        let weight = try #require(made.store.parameters.first { $0.name == "interests.past" })
        #expect(made.store.weights(weight)[0] > 0)
        #expect(first[0] / first[1] > second[0] / second[1])
    }

    @Test func theHistogramLiesWithTheWeights() throws {
        let made = try make("pooled", .prompt)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("interests-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try made.store.save(to: path)
        let store = ParameterStore()
        let towers = try InterestTowers(
            settings: made.fixture.settings.retrieval, interests: InterestSettings(), clusters: Self.clusters,
            map: made.fixture.map, store: store)
        try store.allocate(mapping: Checkpoint(path: path))
        #expect(towers.histogram(store) == Self.shares)
    }

    @Test func clustersWithoutAPastAreReadToo() throws {
        for tower in Self.towers {
            let made = try make(tower, .prompt, disturbs: true)
            for vector in try made.vectors([0, 4], []) { #expect(abs(nearness(vector, vector) - 1) < 1e-4, "\(tower)") }
        }
    }

    @Test func namesComeFromTheCatalogWhereClustersAreCategories() {
        var settings = InterestSettings()
        let item = Item(
            id: ItemID("i"), categories: ["music", "live"], attributes: ["tag": .text("jazz")])
        #expect(settings.clusterName(of: item) == nil)
        settings.clusterBy = .category
        #expect(settings.clusterName(of: item) == "music")
        settings.category = "tag"
        #expect(settings.clusterName(of: item) == "jazz")
        #expect(settings.clusterName(of: Item(id: ItemID("j"))) == "")
    }

    @Test func itemsThatCameLaterAreAssignedAndOthersKeepTheirCluster() throws {
        let made = try make("pooled", .prompt)
        let bundle = try made.fixture.bundle()
        let items = bundle.rows.items
        let assignments = items.indices.map { Int32($0 % Self.clusters) }
        let vectors = try made.inference.itemVectors(rows: 0..<items.count)
        let clusters = ItemClusters(
            count: Self.clusters, assignments: assignments, vectors: vectors, dimension: 16)
        let model = InterestModel(clusters: clusters, settings: InterestSettings(), inference: made.inference)
        // An item like that of row 7 but for its identifier, before all others in the new order.
        let twin = Item(
            id: ItemID("a"), creatorID: items[7].creatorID, categories: items[7].categories,
            attributes: items[7].attributes)
        let moved = try model.clusters(of: [twin] + items.reversed(), vectors: .none, former: bundle)
        #expect(Array(moved.assignments.dropFirst()) == assignments.reversed())
        #expect(moved.centroids == clusters.centroids)
        var later = LaterItems(bundle: bundle)
        later.append([twin])
        let vector = try made.inference.itemVectors(rows: items.count..<later.endRow, later: later)
        #expect(moved.assignments[0] == clusters.cluster(of: vector[...]))
    }
}
