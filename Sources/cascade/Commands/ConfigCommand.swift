import ArgumentParser
import Foundation

/// `cascade config`: the effective configuration.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check and show the configuration.", subcommands: [Check.self, Show.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Check every key and value.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let configuration = try options.load()
            Terminal.out("the configuration is fine (\(try configuration.hash()))")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the effective configuration, secrets masked.")
        @OptionGroup var options: GlobalOptions

        func run() async throws { Terminal.out(try options.load().text()) }
    }
}
