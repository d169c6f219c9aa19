import ArgumentParser
import CascadeCore
import CascadeModels
import CascadeServing
import CascadeStorage
import CascadeTraining
import Foundation
import Logging

/// `cascade index`: the index of the active release.
struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index", abstract: "Rebuild, check and tune the index that is served.",
        subcommands: [Rebuild.self, Verify.self, Stats.self, Tune.self])

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new release of the same models and the present catalog, and serve it.")
        @OptionGroup var options: GlobalOptions
        @Flag(help: "Register the release without serving it.") var noActivate = false

        func run() async throws {
            try await Session.with(options) { session in
                let threads = session.configuration.training.threads
                let made = try await IndexRebuild(
                    catalog: session.storage.catalog, feedback: session.storage.feedback,
                    releases: session.storage.releases, artifacts: session.artifacts,
                    settings: session.configuration.index, threads: threads,
                    exactBelow: session.configuration.interests.exactBelow
                ).run(activate: !noActivate)
                TrainingText.show(.index(items: made.items, seconds: made.seconds, recall: made.recall))
                Terminal.out("release \(made.release.id) is \(made.release.state.rawValue)")
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that the index is whole, holds what the item tower gives, and finds enough.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            try await Session.with(options) { session in
                let sound = try await IndexCommand.inspection(session)
                    .verify(minimumRecall: session.configuration.index.minimumRecall)
                Terminal.out("release    \(sound.releaseID)")
                Terminal.out("vectors    \(sound.items), all finite; \(sound.compared) are the item tower's")
                Terminal.out(
                    "recall     \(Terminal.number(sound.recall)) of the first 100, \(sound.queries) queries")
                if let interests = sound.interests {
                    Terminal.out(
                        "interests  \(interests.clusters) clusters with items, \(interests.graphs) with a graph; "
                            + "\(interests.compared) vectors are the item tower's")
                    Terminal.out(
                        "           recall \(Terminal.number(interests.recall)) of the first 100 of the likeliest, "
                            + "\(interests.queries) queries")
                }
                Terminal.out("the index is sound")
            }
        }
    }

    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the size of the index, and what changed in the catalog since it was built.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            try await Session.with(options) { session in
                var logger = Logger(label: "cascade.index")
                logger.logLevel = .error
                let service = try await PipelineService(session, logger: logger)
                defer { service.compute.shutdown() }
                await service.follower.refresh()
                if let problem = service.holder.problem { throw CommandFailure(problem) }
                guard let snapshot = service.holder.current else { throw TrainingError.noActiveRelease }
                for line in IndexText.lines(of: snapshot) { Terminal.out(line) }
            }
        }
    }

    struct Tune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find the least search effort that finds enough, and serve with it.")
        @OptionGroup var options: GlobalOptions
        @Option(help: "The share of the true first items to find.") var recall = 0.98
        @Option(help: "How many first items.") var k = 100
        @Option(help: "Users to search for; items where no user has a past.") var queries = 1000
        @Flag(help: "Only print the table.") var dryRun = false

        func run() async throws {
            try await Session.with(options) { session in
                let tuning = try await IndexCommand.inspection(session).tune(recall: recall, k: k, queries: queries)
                for line in IndexText.lines(of: tuning, k: k) { Terminal.out(line) }
                guard !dryRun else { return }
                try await session.storage.releases.setSearchEffort(tuning.best.effort, of: tuning.releaseID)
                Terminal.out("release \(tuning.releaseID) is searched with ef_search \(tuning.best.effort) from now on")
            }
        }
    }

    private static func inspection(_ session: Session) -> IndexInspection {
        IndexInspection(
            catalog: session.storage.catalog, feedback: session.storage.feedback,
            releases: session.storage.releases, artifacts: session.artifacts)
    }
}
