import ArgumentParser
import CascadeModels
import CascadeStorage
import CascadeTraining

/// `cascade interests`: the clusters that a catalog is divided into.
struct InterestsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interests", abstract: "Find into how many clusters of interest the catalog is best divided.",
        subcommands: [Tune.self])

    struct Tune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measure what users take next in clusters of the active release's items, by their number.",
            discussion: """
                For each number of clusters: the sizes; the share of the next items that lie in the clusters which their \
                user took most from; how surprising their cluster is after the user's past (log loss, lower is better), \
                and by its share of all takes alone; how alike the items of a cluster are. Recommended are the most \
                clusters with which interests.most of them reach the share --reach.
                """)
        @OptionGroup var options: GlobalOptions
        @Option(help: "Numbers of clusters to try, by commas.")
        var clusters = InterestTuning.counts.map(String.init).joined(separator: ",")
        @Option(
            help: """
                What clusters are made by: \(ClusterSource.allCases.map(\.rawValue).joined(separator: ", ")) (default: \
                interests.cluster_by).
                """)
        var by: ClusterSource?
        @Option(help: "The attribute of clusters by category (default: interests.category).")
        var category: String?
        @Option(help: "Items of the largest cluster over the mean at most (default: interests.slack).")
        var slack: Double?
        @Option(
            help: """
                Clusters are made from what happened before this moment and measured on what was taken from then on \
                (default: the end of the release's training data, or the last tenth where nothing follows that).
                """)
        var until: String?
        @Option(help: "The share of the next items that the recommended clusters must reach.") var reach = 0.8

        func run() async throws {
            let until = try PeriodOptions.time(until, "--until")
            let counts = try clusters.split(separator: ",").map { word in
                guard let count = Int(word.trimmingPrefix(while: \.isWhitespace)) else {
                    throw ValidationError("--clusters \(clusters): write numbers by commas, such as 16,32,64")
                }
                return count
            }
            try await Session.with(options) { session in
                var settings = session.configuration.interests
                settings.clusterBy = by ?? settings.clusterBy
                settings.category = category ?? settings.category
                settings.slack = slack ?? settings.slack
                let training = session.configuration.trainingSettings
                let tuning = try await InterestTuning(
                    catalog: session.storage.catalog, feedback: try await session.cachedFeedback(),
                    releases: session.storage.releases, artifacts: session.artifacts, settings: settings,
                    seed: training.seed, threads: training.threadCount
                ).run(counts: counts, until: until, reach: reach)
                for line in InterestText.lines(of: tuning, settings) { Terminal.out(line) }
            }
        }
    }
}

extension ClusterSource: ExpressibleByArgument {}
