import CascadeCore
import CascadeModels
import CascadePipeline
import CascadeServing
import CascadeTraining
import Foundation

/// What is said of an index on the terminal.
enum IndexText {
    static func lines(of snapshot: ReleaseSnapshot) -> [String] {
        let index = snapshot.indexFigures
        let items = index.items
        let bytes = snapshot.manifest.files[ModelBundle.FileName.index]?.bytes ?? 0
        let tuned = snapshot.release.efSearch == nil ? "" : ", tuned; built with \(index.efSearch)"
        return [
            "release          \(snapshot.stamp.releaseID)",
            "built            \(snapshot.manifest.builtAt)",
            "items            \(items)",
            "dimension        \(index.dimension)",
            "m                \(index.m)",
            "ef_construction  \(index.efConstruction)",
            "ef_search        \(snapshot.searchEffort)\(tuned)",
            "bytes            \(bytes), \(items == 0 ? 0 : bytes / items) an item",
            "delta            \(snapshot.delta.servedCount) items came or changed since the build",
            "withdrawn        \(snapshot.delta.withdrawnCount) of the index's items were hidden, deleted or changed since",
        ] + interests(of: snapshot)
    }

    private static func interests(of snapshot: ReleaseSnapshot) -> [String] {
        guard let figures = snapshot.interestFigures else { return ["interests        none"] }
        return [
            "interests        \(figures.clusters): \(figures.graphs) with a graph, \(figures.exact) searched exactly, "
                + "\(figures.empty) empty; \(snapshot.interestBytes) bytes",
            "interest items   \(figures.smallest) in the smallest, \(figures.median) in the middle one, "
                + "\(figures.largest) in the largest",
        ]
    }

    static func lines(of tuning: IndexInspection.Tuning, k: Int) -> [String] {
        let queries = "\(tuning.queries) \(tuning.ofUsers ? "users" : "items")"
        let found = "least ef_search: \(tuning.best.effort), recall \(Terminal.number(tuning.best.recall))"
        return ["ef_search  recall@\(k), \(queries)"]
            + tuning.efforts.map { String(format: "%9d  %.4f", $0.effort, $0.recall) } + [found]
    }
}
