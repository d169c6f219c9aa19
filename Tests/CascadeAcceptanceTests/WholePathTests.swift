import CascadeCore
import CascadeData
import CascadeFeatures
import CascadeModels
import CascadePipeline
import CascadeServing
import CascadePostgres
import CascadeStorage
import CascadeTraining
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import cascade

@Suite(.serialized) struct WholePathTests {
    @Test func fromFilesToRecommendations() async throws {
        try await World.with { world in
            try await world.serve { client in
                try await recommends(world, client)
                try await explainsStages(client)
                try await writesAreSeenByTheNextRequest(client)
                try await hiddenItemsVanish(client)
                try await whatAUserHidesVanishes(world, client)
                try await similarItemsAreFound(world, client)
                try await shortSlatesAreHonest(client)
                try await strangersGetPopularItems(client)
                try await probesAndMetricsAnswer(world, client)
            }
            try await servedScoresAreThoseOfTheModel(world, world.release)
            try await aNewItemIsServedWithoutARelease(world)
            try await whatIsDeletedIsNeverServed(world)
            try await aDeletedUserIsAStranger(world)
            try await aTunedIndexIsServedWithoutARestart(world)
            try await factorsOfHeadsChangeWhileServing(world)
            try await collisionsAreTold(world)
            try await followedCreatorsAreServed(world)
            try await newUsersAreRetrievedForByAttributes(world)
            try await interestsAreServed(world)
            try await calibratedProbabilitiesAreServed(world)
            try await releasesSwapAndRollBack(world)
            try await damagedReleasesAreRefused(world)
        }
    }

    private func recommends(_ world: World, _ client: any TestClientProtocol) async throws {
        let answer = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":15}"#)
        #expect(answer.status == 200)
        #expect(answer.itemIDs.count == 15)
        #expect(Set(answer.itemIDs).count == 15)
        #expect(answer.body["release_id"] as? String == world.release.id)
        let seen = Set(
            try await world.session.storage.feedback.seenItems(of: UserID(Self.user), limit: 10_000).map(\.rawValue))
        #expect(!seen.isEmpty)
        #expect(seen.isDisjoint(with: answer.itemIDs))
        #expect(answer.member("fallback", "used") as? Bool == false)
        #expect(answer.items.allSatisfy { !(($0["sources"] as? [Any])?.isEmpty ?? true) })
    }

    private func explainsStages(_ client: any TestClientProtocol) async throws {
        let answer = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":5,"debug":true}"#)
        let trace = try #require(answer.body["trace"])
        let text = String(decoding: try JSONSerialization.data(withJSONObject: trace), as: UTF8.self)
        for name in ["two_tower", "popular", "fresh", "seen", "ranker"] { #expect(text.contains(name), "\(name)") }
    }

    private func writesAreSeenByTheNextRequest(_ client: any TestClientProtocol) async throws {
        let before = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":3}"#)
        let item = try #require(before.itemIDs.first)
        let written = try await client.send(
            .post, "/v1/events",
            #"{"events":[{"event_id":"new-1","type":"click","user_id":"\#(Self.user)","item_id":"\#(item)","occurred_at":"2025-01-01T00:00:00Z"}]}"#
        )
        #expect(written.status == 200)
        let after = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":50}"#)
        #expect(!after.itemIDs.contains(item))
    }

    private func hiddenItemsVanish(_ client: any TestClientProtocol) async throws {
        let before = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":3}"#)
        let item = try #require(before.itemIDs.first)
        let put = try await client.send(.put, "/v1/items/\(item)", #"{"hidden":true}"#)
        #expect(put.status == 200)
        let after = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":50}"#)
        #expect(!after.itemIDs.contains(item))
        #expect(after.itemIDs.count == 50)
    }

    /// For that user only, on another server too, and counted in the trace.
    private func whatAUserHidesVanishes(_ world: World, _ client: any TestClientProtocol) async throws {
        let body = #"{"user_id":"\#(Self.user)","limit":3,"debug":true}"#
        let item = try #require(try await client.recommend(body).itemIDs.first)
        try await client.execute(uri: "/v1/users/\(Self.user)/hidden/\(item)", method: .put) {
            #expect($0.status == .created)
        }
        let other = try await PipelineService(world.session, logger: World.quiet)
        defer { other.compute.shutdown() }
        await other.follower.refresh()
        try await world.serve(other) { second async throws in
            #expect(try await !second.recommend(body).itemIDs.contains(item))
        }
        let after = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":200,"debug":true}"#)
        #expect(!after.itemIDs.contains(item))
        #expect(after.member("trace", "excluded_before_retrieval", "hidden_by_user") as? Int == 1)
        let stages = after.member("trace", "stages") as? [[String: Any]] ?? []
        let filters = stages.filter { $0["component"] as? String == "hidden_by_user" }
        #expect(filters.compactMap { $0["removed_count"] as? Int }.reduce(0, +) <= 1)
        #expect(filters.contains { $0["enabled"] as? Bool == true })
        try await client.execute(uri: "/v1/users/\(Self.user)/hidden/\(item)", method: .delete) {
            #expect($0.status == .noContent)
        }
        #expect(try await client.recommend(body).itemIDs.contains(item))
    }

    /// What is similar is mostly of the planted interest of the item, by either list, and never hidden.
    private func similarItemsAreFound(_ world: World, _ client: any TestClientProtocol) async throws {
        let items = try await world.session.storage.catalog.items()
        let hidden = Set(items.filter(\.hidden).map(\.id.rawValue))
        let interests = try World.generated().itemInterests
        for kind in ["tower", "cooccurrence", "both"] {
            var same = 0
            var all = 0
            for item in items.prefix(40) {
                let answer = try await client.send(.get, "/v1/items/\(item.id)/similar?k=5&by=\(kind)")
                #expect(answer.status == 200)
                #expect(answer.body["release_id"] as? String == world.release.id)
                #expect(!answer.itemIDs.contains(item.id.rawValue) && hidden.isDisjoint(with: answer.itemIDs))
                if kind != "cooccurrence" { #expect(answer.itemIDs.count == 5) }
                all += answer.itemIDs.count
                same += answer.itemIDs.count { interests[ItemID($0)] == interests[item.id] }
            }
            #expect(all > 100, "\(kind)")
            #expect(Double(same) > 0.4 * Double(all), "\(kind): \(same) of \(all) are of the same interest")
        }
        let category = try #require(items.first { !$0.categories.isEmpty }?.categories[0])
        let first = items[0].id
        let narrow = try await client.send(.get, "/v1/items/\(first)/similar?k=5&categories=\(category)")
        let members = Set(items.filter { $0.categories.contains(category) }.map(\.id.rawValue))
        #expect(!narrow.itemIDs.isEmpty && members.isSuperset(of: narrow.itemIDs))
        let without = try await client.send(
            .get, "/v1/items/\(first)/similar?k=5&exclude_item_ids=\(narrow.itemIDs.joined(separator: ","))")
        #expect(Set(without.itemIDs).isDisjoint(with: narrow.itemIDs))
        #expect(try await client.send(.get, "/v1/items/no%2Fsuch/similar").status == 404)
        _ = try await client.send(.put, "/v1/items/brand%2Fnew", "{}")
        let new = try await client.send(.get, "/v1/items/brand%2Fnew/similar")
        #expect(new.status == 404)
        #expect((new.body["detail"] as? String)?.contains(world.release.id) == true)
    }

    private func collisionsAreTold(_ world: World) async throws {
        let release = try await world.session.releaseOrActive(nil)
        #expect(release.id == world.release.id)
        let found = try await FeaturesCommand.Collisions.found(in: release, world.session)
        let items = try #require(found.first { $0.feature == "item.id" })
        #expect(items.tokens == 250 && items.rows >= 1000 && items.encoding == .unified)
        #expect(found.allSatisfy { $0.same <= $0.overlapping && $0.tokens > 0 })
        await #expect(throws: StorageError.unknownRelease(id: "rel_none")) {
            try await world.session.releaseOrActive("rel_none")
        }
    }

    private func shortSlatesAreHonest(_ client: any TestClientProtocol) async throws {
        let answer = try await client.recommend(
            #"{"user_id":"\#(Self.user)","limit":200,"filters":{"categories_any":["no such category"]}}"#)
        #expect(answer.status == 200)
        #expect(answer.itemIDs.isEmpty)
        #expect(answer.member("underfilled", "requested") as? Int == 200)
        #expect(answer.member("underfilled", "cause") as? String == "filters")
    }

    private func strangersGetPopularItems(_ client: any TestClientProtocol) async throws {
        let answer = try await client.recommend(#"{"user_id":"nobody/ü","limit":10}"#)
        #expect(answer.itemIDs.count == 10)
        #expect(answer.member("fallback", "reason") as? String == "unknown_user")
    }

    private func probesAndMetricsAnswer(_ world: World, _ client: any TestClientProtocol) async throws {
        let ready = try await client.send(.get, "/health/ready")
        #expect(ready.status == 200)
        #expect(ready.body["release_id"] as? String == world.release.id)
        #expect(try await client.send(.get, "/health/live").status == 200)
        try await client.execute(uri: "/metrics", method: .get) { response in
            let text = String(buffer: response.body)
            #expect(text.contains("cascade_http_requests_total"))
            #expect(text.contains("cascade_stage_duration_seconds"))
            #expect(text.contains("cascade_index_items 250"))
            #expect(text.contains("cascade_model_info{release=\"\(world.release.id)\""))
            #expect(text.contains("cascade_db_pool_in_use"))
            #expect(text.contains("process_resident_memory_bytes"))
        }
        let wrong = try await client.recommend(#"{"user_id":"u","limt":3}"#)
        #expect(wrong.status == 400)
        #expect(wrong.body["code"] as? String == "validation")
    }

    /// What a request is told equals what the release's models compute for the same user and past.
    private func servedScoresAreThoseOfTheModel(_ world: World, _ release: Release) async throws {
        let user = UserID(Self.user)
        let history = try await world.session.storage.feedback.history(of: user, before: nil, limit: 200)
        let attributes = try #require(try await world.session.storage.catalog.user(user))
        let bundle = try ModelBundle(
            folder: ArtifactFolder(world.session.releaseDirectory.appendingPathComponent(release.path)),
            options: InferenceOptions(products: ProductChoice.auto.precision))
        let ranker = try #require(bundle.ranker)
        try await world.serve { client in
            let answer = try await client.recommend(
                #"{"user_id":"\#(Self.user)","limit":20,"include":["scores","heads"]}"#)
            let rows = try answer.itemIDs.map { try #require(bundle.rows.itemRow[ItemID($0)]) }
            let raw = try EncodedHistory(history, bundle: bundle).lend { slice in
                let context = try ranker.context(
                    users: bundle.rankerUsers.encode([attributes]), row: 0, history: slice, at: .now)
                return try ranker.probabilities(
                    context: context, items: rows, columns: bundle.map.counterLayout.columns,
                    counters: { bundle.counters.write(history: slice, item: $0, fold: nil, at: .now, into: $1) },
                    check: {})
            }
            let expected = bundle.calibration?.calibrated(raw) ?? raw
            for (index, item) in answer.items.enumerated() {
                let heads = try #require(item["heads"] as? [String: Double])
                for (head, name) in bundle.map.heads.enumerated() {
                    let told = try #require(heads[name])
                    #expect(abs(told - Double(expected[index * bundle.map.heads.count + head])) < 1e-4)
                }
            }
        }
    }

    /// A new item is found by the two-tower source as soon as the catalog was looked at, and stays found after a swap.
    private func aNewItemIsServedWithoutARelease(_ world: World) async throws {
        let like = try #require(
            try await world.session.storage.catalog.items().first { !$0.hidden && !$0.categories.isEmpty })
        var item = like
        item.id = ItemID("put-a-second-ago")
        item.categories = ["put a second ago"]
        let body = #"{"categories":["put a second ago"],"creator_id":"\#(like.creatorID ?? "x")","title":"new"}"#
        try await world.serve { client in
            await world.service.follower.follow()
            let before = world.service.holder.current?.delta.servedCount ?? 0
            #expect(try await client.send(.put, "/v1/items/put-a-second-ago", body).status == 201)
            await world.service.follower.follow()
            try await servesNewItem(client)
            let metrics = try await client.execute(uri: "/metrics", method: .get) { String(buffer: $0.body) }
            #expect(metrics.contains("cascade_index_delta_items \(before + 1)"))
            #expect(metrics.contains("cascade_index_items 250"))
        }
        // Another process, or a swap, finds it in the catalog itself.
        let other = try await PipelineService(world.session, logger: World.quiet)
        await other.follower.refresh()
        #expect(other.holder.current?.catalog.row(of: item.id) != nil)
        other.compute.shutdown()
    }

    private func servesNewItem(_ client: any TestClientProtocol) async throws {
        let answer = try await client.recommend(
            #"{"user_id":"\#(Self.user)","limit":3,"include":["scores","attributes"],"debug":true,"filters":{"categories_any":["put a second ago"]}}"#
        )
        #expect(answer.itemIDs == ["put-a-second-ago"])
        let served = try #require(answer.items.first)
        let sources = (served["sources"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
        #expect(sources?.contains("two_tower") == true)
        #expect((served["heads"] as? [String: Double])?.isEmpty == false)
        #expect((served["attributes"] as? [String: Any]) != nil)
        #expect(answer.member("fallback", "used") as? Bool == false)
    }

    private func whatIsDeletedIsNeverServed(_ world: World) async throws {
        try await world.serve { client in
            let before = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":2}"#)
            let gone = try #require(before.itemIDs.first)
            let hidden = try #require(before.itemIDs.last)
            try await client.execute(uri: "/v1/items/\(gone)", method: .delete) { #expect($0.status == .noContent) }
            #expect(try await client.send(.put, "/v1/items/\(hidden)", #"{"hidden":true}"#).status == 200)
            for _ in 0..<2 {
                // At once by its live state, then by the search itself.
                let after = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":200,"debug":true}"#)
                #expect(!after.itemIDs.contains(gone) && !after.itemIDs.contains(hidden))
                #expect(after.itemIDs.count > 100)
                await world.service.follower.follow()
            }
            let snapshot = try #require(world.service.holder.current)
            let row = try #require(snapshot.catalog.row(of: ItemID(gone)))
            #expect(snapshot.catalog.isDeleted(row))
            #expect(snapshot.delta.withdrawnCount >= 2)
        }
    }

    /// The release was trained on the user, which the answer says; requests know nothing of the user any more.
    private func aDeletedUserIsAStranger(_ world: World) async throws {
        let user = "user-042"
        try await world.serve { client in
            _ = try await client.recommend(#"{"user_id":"\#(user)","limit":3}"#)
            let answer = try await client.send(.delete, "/v1/users/\(user)")
            #expect(answer.status == 200)
            #expect(answer.body["in_active_release"] as? Bool == true)
            #expect(answer.body["release_id"] as? String == world.release.id)
            #expect((answer.body["remains"] as? [String])?.contains("interactions") == true)
            #expect((answer.member("deleted_rows", "impressions") as? Int ?? 0) > 0)
            let after = try await client.recommend(#"{"user_id":"\#(user)","limit":3}"#)
            #expect(after.member("fallback", "reason") as? String == "unknown_user")
            #expect(try await world.session.storage.feedback.seenItems(of: UserID(user), limit: 9).isEmpty)
        }
    }

    private func aTunedIndexIsServedWithoutARestart(_ world: World) async throws {
        let releases = world.session.storage.releases
        let tuning = try await IndexInspection(
            catalog: world.session.storage.catalog, feedback: world.session.storage.feedback, releases: releases,
            artifacts: world.session.artifacts
        ).tune(recall: 0.9, k: 20, queries: 50)
        try await releases.setSearchEffort(tuning.best.effort + 17, of: tuning.releaseID)
        let delta = world.service.holder.current?.delta.servedCount
        await world.service.follower.refresh()
        #expect(world.service.holder.current?.searchEffort == tuning.best.effort + 17)
        #expect(world.service.holder.current?.delta.servedCount == delta)
        let snapshot = try #require(world.service.holder.current)
        let text = IndexText.lines(of: snapshot).joined(separator: "\n")
        for part in [
            "items            250", "m                16", "tuned; built with 256", "delta            ",
            "interests        8: ",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(IndexText.lines(of: tuning, k: 20).last?.contains("\(tuning.best.effort)") == true)
    }

    /// New factors are in force with the next request; the slate before them, replayed, is the slate after them.
    private func factorsOfHeadsChangeWhileServing(_ world: World) async throws {
        let pipeline = world.service.pipeline
        var request = RecommendRequest(userID: UserID(Self.user), limit: 10)
        request.debug = true
        let before = try #require(
            try await pipeline.recommend(request, context: RequestContext(requestID: "before")).trace)
        let heads = try #require(before.heads)
        let factors = Dictionary(uniqueKeysWithValues: heads.enumerated().map { ($1, $0 == 0 ? -1.0 : 0.25) })
        let version = try await world.session.storage.headFactors.change(note: "test") { _ in factors }
        await world.service.follower.refresh()
        let after = try await pipeline.recommend(request, context: RequestContext(requestID: "after"))
        let trace = try #require(after.trace)
        #expect(trace.factorsVersion == version.version && before.factorsVersion == nil)
        #expect(trace.weights == factors)
        let replay = try SlateReplay(before, ReplayPolicy(factors: factors))
        #expect(replay.replayed.map(\.itemID) == after.items.map(\.itemID.rawValue))
        #expect(replay.replayed.map(\.itemID) != replay.logged.map(\.itemID))
        _ = try await world.session.storage.headFactors.change(note: "") { _ in [:] }
        await world.service.follower.refresh()
    }

    /// A calibration is a release: servers take it up, answers hold its probabilities, and it is rolled back like any other.
    private func calibratedProbabilitiesAreServed(_ world: World) async throws {
        let session = world.session
        let made = try await CalibrationRun(
            catalog: session.storage.catalog, feedback: session.storage.feedback, releases: session.storage.releases,
            artifacts: session.artifacts
        ).run(CalibrationRun.Wish(period: Period(from: World.split, until: World.split.adding(seconds: 2 * 86_400))))
        await world.service.follower.refresh()
        #expect(world.service.holder.current?.stamp.releaseID == made.release.id)
        let calibration = try #require(world.service.holder.current?.loaded.bundle.calibration)
        #expect(calibration.heads.allSatisfy { $0.calibrator.calibrated(0) != 0 })
        try await servedScoresAreThoseOfTheModel(world, made.release)
        #expect(CalibrationText.lines(of: made).count == made.heads.count + 1)
        let folder = ArtifactFolder(session.releaseDirectory.appendingPathComponent(made.release.path))
        let report = try EvaluationRun.evaluate(
            try ModelBundle(folder: folder), log: try await session.storage.feedback.interactions(in: Period()),
            users: try await session.storage.catalog.users(), heldOut: .period(Period(from: World.split)),
            history: .frozen,
            baselines: [], ranker: RankerEvaluationOptions())
        let text = TrainingText.text(of: report)
        for part in ["calibrated", "reliability of click", "95 % over users", "users.new", "items.popularity.10"] {
            #expect(text.contains(part), "\(part)\n\(text)")
        }
        try predictionsAreWritten(report, in: session.dataDirectory)
        #expect(try await session.storage.releases.rollback()?.id == world.release.id)
        await world.service.follower.refresh()
        #expect(world.service.holder.current?.loaded.bundle.calibration == nil)
    }

    private func predictionsAreWritten(_ report: EvaluationReport, in folder: URL) throws {
        let file = folder.appendingPathComponent("predictions.csv")
        let count = try PredictionFile.write(report, to: file.path)
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.count == count + 1 && lines[0] + "\n" == PredictionFile.header)
        var wanted: [String] = []
        report.forEachPrediction { row in
            wanted.append("\(row.user),\(row.item),\(row.time.rfc3339),\(row.head),\(Int(row.outcome)),")
        }
        #expect(!wanted.isEmpty && zip(lines.dropFirst(), wanted).allSatisfy { $0.hasPrefix($1) })
        for line in lines.dropFirst() {
            let numbers = line.split(separator: ",").suffix(2).compactMap { Float($0) }
            #expect(numbers.count == 2 && numbers.allSatisfy { (0...1).contains($0) } && numbers[0] != numbers[1])
        }
    }

    private func releasesSwapAndRollBack(_ world: World) async throws {
        let second = try await World.train(world.session)
        await world.service.follower.refresh()
        #expect(world.service.holder.current?.stamp.releaseID == second.id)
        // What the new release holds is no change any more; deletions it cannot know of.
        #expect(world.service.holder.current?.delta.servedCount == 0)
        #expect(try await world.session.storage.releases.rollback()?.id == world.release.id)
        await world.service.follower.refresh()
        #expect(world.service.holder.current?.stamp.releaseID == world.release.id)
        try await world.session.storage.releases.activate(second.id)
    }

    private func damagedReleasesAreRefused(_ world: World) async throws {
        let active = try #require(try await world.session.storage.releases.activeRelease())
        let file = world.session.releaseDirectory.appendingPathComponent(active.path)
            .appendingPathComponent("ranker.safetensors")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count - 5] ^= 1
        try FileManager.default.removeItem(at: file)
        try bytes.write(to: file)
        await world.service.follower.refresh()
        #expect(world.service.holder.current?.stamp.releaseID == world.release.id)
        #expect(world.service.holder.problem?.contains("ranker.safetensors") == true)
        try await world.serve { client in
            let answer = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":5}"#)
            #expect(answer.body["release_id"] as? String == world.release.id)
            let ready = try await client.send(.get, "/health/ready")
            #expect(ready.status == 200)
            #expect(ready.body["status"] as? String == "degraded")
        }
    }

    static let user = "user-007"
}
