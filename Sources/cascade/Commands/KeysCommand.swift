import ArgumentParser
import CascadeCore
import CascadeServer
import CascadeStorage
import Foundation

/// `cascade keys`: who may use the REST service, and for what.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make, list and revoke API keys of the REST service.",
        discussion: """
            Once there is a key, every request needs one. Running servers follow within two seconds. To change a
            key at leisure, make another, give it out, and revoke the first.
            """,
        subcommands: [Make.self, List.self, Revoke.self])

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, once: only its digest is kept.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "Whose it is, in words.") var name: String
        @Option(
            name: .customLong("scope"),
            help: "What it allows: recommend, feedback, catalog, inspect or admin; give it several times for several.")
        var scopes: [APIScope]

        func validate() throws {
            guard (1...256).contains(name.utf8.count) else {
                throw ValidationError("the name must have 1 to 256 bytes")
            }
        }

        func run() async throws {
            try await Session.with(options) { session in
                // 32 random bytes cannot be guessed, so a plain digest gives nothing away.
                let secret = "ck_" + Self.digits(32)
                let key = APIKey(
                    id: "key_" + Self.digits(6), name: name, digest: APIKeyDigest.of(secret), scopes: Set(scopes),
                    createdAt: .now)
                try await session.storage.apiKeys.add(key)
                Terminal.note("\(key.id), for \(KeysCommand.list(key.scopes)); it is not shown again:")
                Terminal.out(secret)
            }
        }

        /// So many random bytes in hexadecimal digits.
        private static func digits(_ bytes: Int) -> String {
            var random = SystemRandomNumberGenerator()
            return (0..<bytes).map { _ in
                String(UInt16.random(in: 256...511, using: &random), radix: 16).dropFirst()
            }.joined()
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all keys, newest first.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            try await Session.with(options) { session in
                let keys = try await session.storage.apiKeys.keys()
                for key in keys {
                    let end = key.revokedAt.map { "  revoked \($0.rfc3339)" } ?? ""
                    Terminal.out(
                        "\(key.id)  \(key.name)  \(KeysCommand.list(key.scopes))  made \(key.createdAt.rfc3339)\(end)")
                }
                if keys.isEmpty { Terminal.out("none in the database; see also server.auth.keys_sha256") }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a key no more.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The key's identifier (key_…).") var id: String

        func run() async throws {
            try await Session.with(options) { session in
                guard try await session.storage.apiKeys.revoke(id) else {
                    throw CommandFailure("no key \(id) is taken; see `cascade keys list`")
                }
                Terminal.out("key \(id) is revoked")
            }
        }
    }

    private static func list(_ scopes: Set<APIScope>) -> String {
        scopes.map(\.rawValue).sorted().joined(separator: ",")
    }
}

extension APIScope: ExpressibleByArgument {}
