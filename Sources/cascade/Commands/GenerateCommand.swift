import ArgumentParser
import CascadeData
import Foundation

/// `cascade generate`: a synthetic world with planted interests, as files that `cascade import` reads.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Write a seeded synthetic world as files to import.")

    @Option(help: "The folder to write to; it is made if missing.") var path: String
    @Option(help: "Users.") var users = WorldSettings().users
    @Option(help: "Items.") var items = WorldSettings().items
    @Option(help: "Impressions.") var impressions = WorldSettings().impressions
    @Option(help: "Days that the log covers.") var days = WorldSettings().days
    @Option(help: "Planted interests.") var interests = WorldSettings().interests
    @Option(help: "Fixes the world.") var seed = WorldSettings().seed

    func run() async throws {
        var settings = WorldSettings()
        settings.users = users
        settings.items = items
        settings.impressions = impressions
        settings.days = days
        settings.interests = interests
        settings.seed = seed
        let counts = try await GeneratedWorld(settings).write(to: URL(fileURLWithPath: path))
        Terminal.out(
            "wrote \(counts.users) users, \(counts.items) items, \(counts.follows) follows, "
                + "\(counts.impressions) impressions and \(counts.events) events to \(path)")
        Terminal.out("next: cascade import --dataset Config/datasets/generated.yaml --path \(path)")
    }
}
