import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadeNN
import CascadePipeline
import Foundation
import Testing

@testable import CascadeServing

/// Serving with the model of interests itself, of fixed weights, and with the files of a release.
@Suite struct InterestModelServingTests {
    private let cancellation = ComputePool.Cancellation()

    private func model(_ bundle: ModelBundle, _ form: InterestForm) throws -> InterestModel {
        var settings = InterestSettings()
        settings.enabled = true
        settings.form = form
        settings.clusters = 5
        settings.most = 3
        settings.exactBelow = 70
        let store = ParameterStore()
        let towers = try InterestTowers(
            settings: bundle.settings.retrieval, interests: settings, clusters: 5, map: bundle.map, store: store)
        try store.allocate(seed: 11)
        let items = bundle.rows.items.count
        let inference = InterestInference(
            towers: towers, map: bundle.map, store: store, catalog: bundle.retrievalItems)
        let clusters = ItemClusters(
            count: 5, assignments: (0..<Int32(items)).map { $0 % 7 % 5 },
            vectors: try inference.itemVectors(rows: 0..<items), dimension: inference.dimension)
        return InterestModel(clusters: clusters, settings: settings, inference: inference)
    }

    /// Writes the index of a model's clusters into a folder.
    private func write(_ model: InterestModel, items: Int, to folder: ArtifactFolder) throws {
        _ = try ClusteredIndex.Building(exactBelow: model.settings.exactBelow, threads: 1).build(
            vectors: model.inference.itemVectors(rows: 0..<items), dimension: model.inference.dimension,
            assignments: model.clusters.assignments, clusters: 5, path: folder.path(ClusteredIndex.fileName))
    }

    private func withFolder(_ body: (ArtifactFolder) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("interests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(ArtifactFolder(url))
    }

    private func manifest(of folder: ArtifactFolder) throws -> Manifest {
        let bare = Manifest(releaseID: "rel_1", retrievalModelID: "ret", rankerModelID: nil, builtAt: "")
        return try folder.verify(manifestChecksum: folder.seal(bare))
    }

    @Test("each interest is searched with the user's own vector for it", arguments: InterestForm.allCases)
    func searches(form: InterestForm) throws {
        let base = try ServingFixture(items: 300)
        let bundle = base.loaded.bundle
        let model = try model(bundle, form)
        try withFolder { folder in
            try write(model, items: 300, to: folder)
            let interests = try #require(
                try LoadedInterests(bundle.with(interests: model), folder: folder, manifest: manifest(of: folder)))
            let fixture = try ServingFixture(base, interests: interests)
            let new = ServingFixture.item(900)
            let snapshot = try fixture.snapshot([.put(new), .deleted(fixture.items[3].id)])
            let user = try snapshot.user([0, 9, 12])
            let (plan, found) = try snapshot.interestRows(user, RetrievalWish(limit: 90))
            #expect(plan.shares.count == 3 && found.count == 90)
            #expect(!found.map(\.row).contains(3))
            let state = UserState(
                userID: nil, user: nil,
                history: [0, 9, 12].map {
                    HistoryEntry(
                        itemID: snapshot.catalog.itemID($0), at: ServingFixture.time(0), signals: ["view", "like"])
                }, now: ServingFixture.time(0))
            let history = EncodedHistory(state.history, map: bundle.map) { snapshot.catalog.row(of: $0) }
            let encoded = bundle.retrievalUsers.encode([User(id: UserID(""))])
            for (place, share) in plan.shares.enumerated() {
                let vector = try history.lend {
                    try model.inference.userVectors(
                        users: encoded, row: 0, history: $0, clusters: [share.cluster], later: snapshot.delta.later)
                }
                // The batch of all interests gives what each alone gives.
                let rows = try plan.search(place, cancellation: cancellation)
                for scored in rows {
                    let own = try model.inference.itemVectors(
                        rows: Int(scored.row)..<(Int(scored.row) + 1), later: snapshot.delta.later)
                    let product = zip(vector, own).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                    #expect(abs(product - scored.score) < 1e-4)
                    let cluster =
                        scored.row < 300
                        ? model.clusters.assignments[Int(scored.row)] : model.clusters.cluster(of: own[...])
                    #expect(cluster == share.cluster)
                }
            }
            let all = try snapshot.interestRows(user, RetrievalWish(limit: 5, categories: [])).rows
            #expect(all.isEmpty)
        }
    }

    @Test func theIntentStandsOnTheClustersOfThePast() throws {
        let base = try ServingFixture(items: 300)
        let bundle = base.loaded.bundle
        let model = try model(bundle, .prompt)
        try withFolder { folder in
            try write(model, items: 300, to: folder)
            let interests = try #require(
                try LoadedInterests(bundle.with(interests: model), folder: folder, manifest: manifest(of: folder)))
            let new = ServingFixture.item(900)
            let snapshot = try ServingFixture(base, interests: interests).snapshot([.put(new)])
            let later = try #require(snapshot.catalog.row(of: new.id))
            let own = try model.inference.itemVectors(
                rows: Int(later)..<(Int(later) + 1), later: snapshot.delta.later)
            let cluster = model.clusters.cluster(of: own[...])
            func shares(_ past: [Int32]) throws -> [InterestShare] {
                try snapshot.interestRows(snapshot.user(past), RetrievalWish(limit: 90)).plan.shares
            }
            // The head of a model that was not trained says nothing, so the histogram alone does.
            let rows: [Int32] = [0, 7, 1, 14]
            let codes = rows.map { _ in bundle.map.historyCode(of: ["view", "like"]) }
            let histogram = HistorySlice.lend(items: rows, codes: codes) { model.histogram(of: $0) }
            for share in try shares(rows) {
                #expect(abs(share.probability - histogram[Int(share.cluster)]) < 1e-5)
            }
            // An item that came since counts for the cluster that it was assigned to.
            let first = try #require(try shares([later, later, later]).first)
            #expect(first.cluster == cluster)
            #expect(
                abs(first.probability - (3 + ClusterHistogram.smoothing / 5) / (3 + ClusterHistogram.smoothing)) < 1e-5)
        }
    }

    @Test func aFolderWithoutTheIndexHasNoInterests() throws {
        let base = try ServingFixture(items: 100)
        let bundle = try base.loaded.bundle.with(interests: model(base.loaded.bundle, .prompt))
        try withFolder { folder in
            #expect(try LoadedInterests(bundle, folder: folder, manifest: manifest(of: folder)) == nil)
            try write(#require(bundle.interests), items: 100, to: folder)
            let sealed = try manifest(of: folder)
            let trained = try #require(try LoadedInterests(bundle, folder: folder, manifest: sealed))
            #expect(try trained.quotas == #require(bundle.interests).settings.quotas)
            // The configuration of the service goes before that of the training.
            let configured = InterestQuotas(alpha: 2, least: 1, most: 2)
            let served = try #require(
                try LoadedInterests(bundle, folder: folder, manifest: sealed, quotas: configured))
            #expect(served.quotas == configured)
            #expect(try LoadedInterests(base.loaded.bundle, folder: folder, manifest: sealed) == nil)
        }
    }

    @Test func anIndexOfOtherClustersIsRefusedByName() throws {
        let base = try ServingFixture(items: 100)
        let model = try model(base.loaded.bundle, .prompt)
        try withFolder { folder in
            try write(model, items: 100, to: folder)
            let other = InterestModel(
                clusters: model.clusters.with(assignments: (0..<100).map { $0 % 5 }), settings: model.settings,
                inference: model.inference)
            let bundle = base.loaded.bundle.with(interests: other)
            #expect {
                try LoadedInterests(bundle, folder: folder, manifest: manifest(of: folder))
            } throws: { error in
                if case .unusableFile(let text)? = error as? IndexError {
                    text.contains(ClusteredIndex.fileName)
                } else {
                    false
                }
            }
        }
    }
}
