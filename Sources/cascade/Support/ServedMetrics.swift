import CascadeCore
import CascadeModels
import CascadeObservability
import CascadePipeline
import CascadePostgres
import CascadeServing
import Foundation

/// The metrics of what is served and of the process, read when they are asked for.
struct ServedMetrics: Sendable {
    let holder: ReleaseHolder
    let pool: PostgresPool
    let monitor: RecallMonitor

    func register(on registry: MetricRegistry) {
        ProcessMetrics.register(on: registry)
        registry.callback(Metrics.poolInUse, value: { [pool] in Double(pool.status.inUse) })
        registry.callback(Metrics.poolWaiting, value: { [pool] in Double(pool.status.waiting) })
        registry.callback(
            Metrics.catalogLag, read: { [holder] in holder.catalogLag.map { [MetricSample($0)] } ?? [] })
        release(Metrics.indexItems, on: registry) { MetricSample(Double($0.loaded.count)) }
        release(Metrics.indexDelta, on: registry) { MetricSample(Double($0.delta.servedCount)) }
        release(Metrics.indexTombstones, on: registry) { snapshot in
            MetricSample(Double(snapshot.delta.withdrawnCount) / Double(max(1, snapshot.loaded.count)))
        }
        registry.callback(
            Metrics.annLiveRecall,
            read: { [monitor] in
                RecallMonitor.Index.allCases.compactMap { index in
                    monitor.status(of: index).recall.map { MetricSample($0, labels: [index.rawValue]) }
                }
            })
        registry.callback(
            Metrics.annRecallSamples,
            read: { [monitor] in
                RecallMonitor.Index.allCases.map {
                    MetricSample(Double(monitor.status(of: $0).samples), labels: [$0.rawValue])
                }
            })
        release(Metrics.indexAge, on: registry) { snapshot in
            MetricSample(Self.age(Timestamp(rfc3339: snapshot.manifest.builtAt) ?? snapshot.release.createdAt))
        }
        release(Metrics.itemParts, on: registry) { MetricSample(Double($0.loaded.bundle.ranker?.itemBytes ?? 0)) }
        release(Metrics.modelAge, on: registry) { MetricSample(Self.age($0.release.createdAt)) }
        release(Metrics.modelInfo, on: registry) { snapshot in
            let stamp = snapshot.stamp
            return MetricSample(1, labels: [stamp.releaseID, stamp.rankerVersion ?? "none", stamp.indexVersion])
        }
        release(Metrics.annRecall, on: registry) { snapshot in
            let numbers = try? JSONDecoder().decode(
                [String: Double].self, from: Data(snapshot.release.metricsJSON.utf8))
            return (numbers?["index.recall"]).map { MetricSample($0, labels: ["100"]) }
        }
    }

    /// A metric of the served release; without a value while there is none.
    private func release(
        _ metric: Metric, on registry: MetricRegistry, _ read: @escaping @Sendable (ReleaseSnapshot) -> MetricSample?
    ) {
        registry.callback(metric, read: { [holder] in holder.current.flatMap(read).map { [$0] } ?? [] })
    }

    private static func age(_ time: Timestamp) -> Double {
        Double(Timestamp.now.microseconds - time.microseconds) / 1e6
    }
}
