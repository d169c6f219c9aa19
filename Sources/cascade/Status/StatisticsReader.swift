import CascadeCore
import CascadeModels
import CascadeStorage
import Foundation

/// Reads counts and ages of a session's database and releases, for `cascade status` and `GET /v1/stats`.
struct StatisticsReader: Sendable {
    let storage: Storage
    let releaseDirectory: URL
    /// Tables with more rows are estimated.
    var counted = Storage.countedRows
    /// How many items a release was built with; nil where nobody knows it but its files.
    var servedItems: @Sendable (_ release: String) -> Int? = { _ in nil }

    func read(at now: Timestamp = .now) async throws -> ServiceStatistics {
        let facts = try await storage.serverFacts()
        let counts = try await storage.rowCounts(counted: counted)
        let counters = try await storage.counters.status(withBuckets: false)
        return ServiceStatistics(
            at: now.rfc3339,
            database: .init(
                version: facts.version, bytes: facts.bytes, connections: facts.connections,
                maximumConnections: facts.maximumConnections),
            rows: .init(
                users: counts.users, items: counts.items, hiddenItems: counts.hiddenItems,
                impressions: counts.impressions, events: counts.events, estimated: counts.estimated,
                newestFeedbackAt: counts.latestFeedbackAt?.rfc3339,
                newestFeedbackAgeSeconds: counts.latestFeedbackAt.map { now.seconds - $0.seconds }),
            activeRelease: try await activeRelease(counts, now),
            releases: try await releases(),
            jobs: Self.jobs(try await storage.jobs.facts(), now),
            counters: .init(
                series: counters.counters, notFolded: counters.recent, foldedUntil: counters.foldedUntil?.rfc3339,
                lagSeconds: counters.counters > 0 ? counters.foldedUntil.map { now.seconds - $0.seconds } : nil))
    }

    private func activeRelease(
        _ counts: RowCounts, _ now: Timestamp
    ) async throws -> ServiceStatistics.ActiveRelease? {
        guard let active = try await storage.releases.activeRelease() else { return nil }
        let until = try await storage.releases.modelVersion(active.retrievalModelID)?.dataPeriod.until
        let seen = until ?? active.createdAt
        return ServiceStatistics.ActiveRelease(
            id: active.id, createdAt: active.createdAt.rfc3339, ageSeconds: now.seconds - active.createdAt.seconds,
            activatedAt: active.activatedAt?.rfc3339, dataUntil: until?.rfc3339,
            feedbackAheadSeconds: counts.latestFeedbackAt.map { max(0, $0.seconds - seen.seconds) },
            items: try await items(of: active), catalogItems: counts.items)
    }

    /// The lines of its catalog; nil where its folder is not whole.
    private func items(of release: Release) async throws -> Int? {
        if let served = servedItems(release.id) { return served }
        let catalog = releaseDirectory.appendingPathComponent(release.path).appendingPathComponent(CatalogFile.name)
        return try await onDisk {
            (try? Data(contentsOf: catalog, options: .alwaysMapped)).map { data in data.count { $0 == 10 } }
        }
    }

    /// Files may be many, and disks slow: a thread of its own waits for them.
    private func onDisk<Found: Sendable>(_ work: @escaping @Sendable () -> Found) async throws -> Found {
        let pool = ComputePool(threads: 1, name: "statistics")
        defer { pool.shutdown() }
        return try await pool.run { _ in work() }
    }

    /// By state, those that are trained too.
    private func releases() async throws -> [String: ServiceStatistics.Releases] {
        let built = try await storage.releases.releases()
        var states = try await onDisk { releases(built) }
        for training in try await storage.releases.trainings() {
            states[training.state.rawValue, default: .init(count: 0, bytes: 0)].count += 1
        }
        return states
    }

    private func releases(_ releases: [Release]) -> [String: ServiceStatistics.Releases] {
        var states: [String: ServiceStatistics.Releases] = [:]
        for release in releases {
            let bytes = ReleaseFolders.bytes(of: releaseDirectory.appendingPathComponent(release.path))
            states[release.state.rawValue, default: .init(count: 0, bytes: 0)].count += 1
            states[release.state.rawValue, default: .init(count: 0, bytes: 0)].bytes += bytes
        }
        return states
    }

    private static func jobs(_ facts: JobFacts, _ now: Timestamp) -> ServiceStatistics.Jobs {
        ServiceStatistics.Jobs(
            states: facts.states, oldestQueuedAgeSeconds: facts.oldestDueAt.map { now.seconds - $0.seconds },
            schedules: facts.schedules.map {
                .init(
                    id: $0.schedule, kind: $0.kind, dueAt: $0.at?.rfc3339, dueAfterRows: $0.afterRows,
                    waiting: $0.isWaiting)
            },
            workers: facts.leases.map {
                .init(name: $0.worker, job: $0.job, kind: $0.kind, leaseUntil: $0.until.rfc3339, lapsed: $0.hasLapsed)
            })
    }
}
