import ArgumentParser
import CascadeCore
import CascadeStorage
import CascadeTraining
import Foundation

/// `cascade index`: the index of the active release.
struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index", abstract: "Rebuild the index over the present catalog.", subcommands: [Rebuild.self])

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
                    releases: session.storage.releases, directory: session.releaseDirectory,
                    settings: session.configuration.index, threads: threads
                ).run(activate: !noActivate)
                TrainingText.show(.index(items: made.items, seconds: made.seconds, recall: made.recall))
                Terminal.out("release \(made.release.id) is \(made.release.state.rawValue)")
            }
        }
    }
}
