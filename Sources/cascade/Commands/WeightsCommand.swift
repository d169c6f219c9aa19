import ArgumentParser
import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeStorage
import Foundation

/// `cascade weights`: what the ranker's heads count for in the score, changed while servers run.
struct WeightsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weights", abstract: "Change what heads count for while servers run; every version is kept.",
        subcommands: [List.self, Set.self, Clear.self, Restore.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the versions, newest first; that one is in force.")
        @OptionGroup var options: GlobalOptions
        @Option(name: .shortAndLong, help: "Versions to list.") var number = 20

        func run() async throws {
            guard number > 0 else { throw ValidationError("--number must be 1 or more") }
            try await Session.with(options) { session in
                let versions = try await session.storage.headFactors.versions(limit: number)
                for version in versions { Terminal.out(WeightsCommand.line(version)) }
                if versions.isEmpty {
                    Terminal.out("none; heads count as pipeline.score_weights says, or 1, and values 0")
                }
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let heads count for something else; those that are not named stay as they are.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "What heads count for, such as like=2 click=0.5.") var factors: [HeadFactor]
        @Option(help: "Why, for the list.") var note = ""

        func run() async throws {
            let factors = try HeadFactor.dictionary(factors)
            try await Session.with(options) { session in
                try await WeightsCommand.checkHeads(factors, session)
                let version = try await session.storage.headFactors.change(note: note) { former in
                    former.merging(factors) { $1 }
                }
                Terminal.out(WeightsCommand.line(version))
            }
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let heads count again as the configuration says, as a new version.")
        @OptionGroup var options: GlobalOptions
        @Option(help: "Why, for the list.") var note = ""

        func run() async throws {
            try await Session.with(options) { session in
                Terminal.out(
                    WeightsCommand.line(try await session.storage.headFactors.change(note: note) { _ in [:] }))
            }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put the factors of a former version in force again.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The version.") var version: Int

        func run() async throws {
            try await Session.with(options) { session in
                let former = try await WeightsCommand.version(version, session)
                let restored = try await session.storage.headFactors.change(note: "version \(version) again") { _ in
                    former.factors
                }
                Terminal.out(WeightsCommand.line(restored))
            }
        }
    }

    /// The version of that number.
    static func version(_ version: Int, _ session: Session) async throws -> HeadFactors {
        guard let found = try await session.storage.headFactors.version(version) else {
            throw ValidationError("there is no version \(version); see `cascade weights list`")
        }
        return found
    }

    private static func line(_ version: HeadFactors) -> String {
        let factors = version.factors.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let text = factors.isEmpty ? "as the configuration says" : factors.joined(separator: " ")
        return "\(version.version)  \(version.createdAt.rfc3339)  \(text)"
            + (version.note.isEmpty ? "" : "  (\(version.note))")
    }

    /// Refuses heads that the active release has not; without a release, or without its files here, nothing can be told.
    private static func checkHeads(_ factors: [String: Double], _ session: Session) async throws {
        guard let active = try await session.storage.releases.activeRelease() else { return }
        let path = session.releaseDirectory.appendingPathComponent(active.path)
            .appendingPathComponent(ModelBundle.FileName.map)
        guard let data = FileManager.default.contents(atPath: path.path) else {
            return Terminal.note("the files of release \(active.id) are not here; the names of heads were not checked")
        }
        let heads = try FeatureMap.decode(data).outputs
        guard let unknown = factors.keys.filter({ !heads.contains($0) }).min() else { return }
        throw ValidationError(
            "the ranker of release \(active.id) has no head '\(unknown)'; it has \(heads.sorted().joined(separator: ", "))"
        )
    }
}
