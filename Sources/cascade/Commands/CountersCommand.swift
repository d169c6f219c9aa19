import ArgumentParser
import CascadeCore
import CascadeStorage

/// `cascade counters`: what is counted over windows of time.
struct CountersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "counters", abstract: "Inspect and recount what releases read over windows of time.",
        subcommands: [Status.self, Rebuild.self])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what is counted.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            try await Session.with(options) { session in
                let status = try await session.storage.counters.status()
                Terminal.out("counters      \(status.counters)")
                Terminal.out("buckets       \(status.buckets)")
                Terminal.out("not folded    \(status.recent) rows")
                Terminal.out("folded until  \(status.foldedUntil?.rfc3339 ?? "never")")
            }
        }
    }

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count everything anew from the log, such as after the catalog changed; writers wait meanwhile.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            try await Session.with(options) { session in
                let clock = ContinuousClock.now
                let count = try await session.storage.counters.rebuild()
                let status = try await session.storage.counters.status()
                let seconds = (ContinuousClock.now - clock) / .seconds(1)
                Terminal.out(
                    "\(count) counters, \(status.buckets) buckets, in \(Terminal.number(seconds)) s"
                        + (count == 0 ? "; the active release reads none" : ""))
            }
        }
    }
}
