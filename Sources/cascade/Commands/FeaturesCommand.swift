import ArgumentParser
import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeStorage
import Foundation

/// `cascade features`: what became of the data's features in a release.
struct FeaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features", abstract: "Inspect how a release encodes what it reads.",
        subcommands: [Collisions.self])

    struct Collisions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how the tokens of each categorical feature share rows of the ranker's table.",
            discussion: """
                For each feature: its different tokens in the release's items and the present users, the rows they can \
                fall on, and the share of the tokens that have all their rows in common with another token of the \
                feature (models cannot tell them apart), a row with another token of the feature, and a row with a \
                token of another feature.
                """)
        @OptionGroup var options: GlobalOptions
        @Option(help: "The release (default: the active one).") var release: String?
        @Flag(help: "Print JSON instead of a table.") var json = false

        func run() async throws {
            try await Session.with(options) { session in
                let chosen = try await session.releaseOrActive(release)
                let found = try await Self.found(in: chosen, session)
                if json { return Terminal.out(try CollisionText.json(found)) }
                Terminal.note("release \(chosen.id)")
                for line in CollisionText.lines(of: found) { Terminal.out(line) }
            }
        }

        /// The collisions of the items of a release and the users that there are now.
        static func found(in release: Release, _ session: Session) async throws -> [TokenCollisions] {
            let users = try await session.storage.catalog.users()
            let compute = ComputePool(threads: 1, name: "features")
            defer { compute.shutdown() }
            return try await compute.run { _ in
                let bundle = try session.artifacts.bundle(of: release)
                return TokenCollisions.of(bundle.map.ranker, users: users, items: bundle.rows.items)
            }
        }
    }
}
