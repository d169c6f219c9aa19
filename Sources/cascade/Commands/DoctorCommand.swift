import ArgumentParser

/// `cascade doctor`: everything that can be wrong, and what to do about it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check configuration, database, data, releases and jobs; change nothing.")

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let report = await examined()
        if json {
            Terminal.out(try report.json())
        } else {
            for line in report.lines { Terminal.out(line) }
        }
        if report.level == .fail { throw ExitCode(ExitCodes.check) }
    }

    private func examined() async -> Doctor.Report {
        do {
            return try await Doctor.examine(try options.load())
        } catch {
            return Doctor.report(unreadable: error)
        }
    }
}
