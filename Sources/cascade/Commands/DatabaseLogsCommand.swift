import ArgumentParser
import CascadeCore
import CascadeStorage

/// `cascade db logs`: events and impressions by month.
struct DatabaseLogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "List the partitions of events and impressions.")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        try await Session.with(options) { session in
            for partition in try await session.storage.logs.partitions() {
                let rows = partition.rows.map { "about \($0) rows" } ?? "not counted yet"
                Terminal.out("\(partition.name)  \(rows)  \(partition.bytes >> 10) KiB")
            }
        }
    }
}

/// `cascade db prune`: removes the oldest months of events and impressions.
struct DatabasePruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove events and impressions of old months for good.",
        discussion: "Servers do it by themselves where database.keep_months is set.")

    @OptionGroup var options: GlobalOptions
    @Option(help: "Months to keep beside the present one (default: database.keep_months).") var keepMonths: Int?
    @Flag(help: "Only print what would go.") var dryRun = false

    func validate() throws {
        if let keepMonths, !(1...1200).contains(keepMonths) {
            throw ValidationError("--keep-months must be 1 to 1200")
        }
    }

    func run() async throws {
        try await Session.with(options) { session in
            let months = keepMonths ?? session.configuration.database.keepMonths
            guard months > 0 else {
                throw ValidationError("say how many months to keep with --keep-months or database.keep_months")
            }
            let start = try await session.storage.logs.month(months)
            let removal = try await session.storage.logs.remove(before: start, dryRun: dryRun)
            for name in removal.partitions { Terminal.out("\(dryRun ? "would drop" : "dropped") \(name)") }
            Terminal.out(
                "\(dryRun ? "would remove" : "removed") what came before \(start.rfc3339): "
                    + "\(removal.partitions.count) partitions and \(removal.rows) older rows"
                    + (dryRun ? "" : ", with \(removal.identifiers) identifiers"))
        }
    }
}
