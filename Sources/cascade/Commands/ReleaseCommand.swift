import ArgumentParser
import CascadeCore
import CascadeStorage
import Foundation

/// `cascade release`: what is served, and what was.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "List, show, activate and roll back releases.",
        subcommands: [
            List.self, Show.self, Verify.self, ReleaseCompareCommand.self, Activate.self, Rollback.self,
            ReleaseShadowCommand.self, ReleaseCleanCommand.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all releases, newest first.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            try await Session.with(options) { session in
                for training in try await session.storage.releases.trainings() {
                    let job = training.jobID.map { "  job \($0)" } ?? ""
                    let last = training.failure ?? "last heard of at \(training.heardAt.rfc3339)"
                    Terminal.out(
                        "\(training.id)  \(training.state.rawValue)  \(training.beganAt.rfc3339)\(job)  \(last)")
                }
                for release in try await session.storage.releases.releases() {
                    let shadow = release.shadowShare.map { "  shadow on \($0 * 100) % of the requests" } ?? ""
                    Terminal.out(
                        "\(release.id)  \(release.state.rawValue)  \(release.createdAt.rfc3339)\(shadow)")
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a release with its models and figures.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The release.") var id: String

        func run() async throws {
            try await Session.with(options) { session in
                let release = try await session.release(id)
                Terminal.out("release    \(release.id)")
                Terminal.out("state      \(release.state.rawValue)")
                Terminal.out("created    \(release.createdAt.rfc3339)")
                Terminal.out("activated  \(release.activatedAt?.rfc3339 ?? "never")")
                Terminal.out("retrieval  \(release.retrievalModelID)")
                Terminal.out(
                    "ranker     \(release.rankerModelID ?? "none: no signal had enough impressions with and without it")"
                )
                if let model = try await session.storage.releases.modelVersion(release.retrievalModelID) {
                    Terminal.out("trained by \(model.codeVersion ?? "unknown"), seed \(model.seed)")
                    Terminal.out(
                        "data       \(model.dataPeriod.from?.rfc3339 ?? "all") until \(model.dataPeriod.until?.rfc3339 ?? "then")"
                    )
                    if let parent = model.parentID { Terminal.out("parent     \(parent)") }
                }
                Terminal.out("artifacts  \(session.releaseDirectory.appendingPathComponent(release.path).path)")
                if let effort = release.efSearch { Terminal.out("ef_search  \(effort), tuned") }
                Terminal.out("metrics    \(release.metricsJSON)")
                Terminal.out("config     \(release.configJSON)")
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Check that a release is whole and can be served.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The release.") var id: String

        func run() async throws {
            try await Session.with(options) { session in
                let release = try await session.release(id)
                try await ReleaseCheck.verify(release, session)
                Terminal.out("release \(id) is whole")
            }
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Serve a release; running servers follow.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The release.") var id: String

        func run() async throws {
            try await Session.with(options) { session in
                _ = try await ReleaseControl(session: session).activate(id)
                Terminal.out("release \(id) is active")
            }
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Serve the release that was active before.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            try await Session.with(options) { session in
                guard let release = try await ReleaseControl(session: session).rollback() else {
                    throw ValidationError("no release was active before the present one")
                }
                Terminal.out("release \(release.id) is active again")
            }
        }
    }
}
