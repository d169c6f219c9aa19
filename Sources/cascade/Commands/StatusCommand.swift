import ArgumentParser
import CascadeConfig

/// `cascade status`: data, versions, ages and lags at a glance.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show data, versions, ages and lags on one screen.")

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let (report, failure) = try await StatusReader(configuration: try options.load()).read()
        if json {
            Terminal.out(try report.json())
        } else {
            for line in StatusText.lines(report) { Terminal.out(line) }
        }
        // What there is to say was said.
        if let failure { throw ExitCode(failure is ConfigError ? ExitCodes.usage : ExitCodes.unavailable) }
    }
}
