import ArgumentParser
import CascadeCore
import Foundation

/// The `cascade` command.
@main
struct Cascade: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cascade",
        abstract: "A recommender that one team runs by itself: import, train, serve, inspect.",
        version: ProgramVersion.current,
        subcommands: [
            DatabaseCommand.self, GenerateCommand.self, ImportCommand.self, TrainCommand.self, IndexCommand.self,
            InterestsCommand.self, EvaluateCommand.self, CalibrateCommand.self, ExperimentCommand.self,
            RecommendCommand.self, ReleaseCommand.self, WeightsCommand.self, ExplainCommand.self, ReplayCommand.self,
            OffPolicyCommand.self, ABCommand.self,
            FeaturesCommand.self,
            CountersCommand.self, JobsCommand.self, WorkCommand.self, ServeCommand.self, KeysCommand.self,
            ConfigCommand.self,
            StatusCommand.self, LogsCommand.self, DoctorCommand.self, ExportCommand.self,
        ])

    /// Parses and runs; every error is one clear text on standard error and an exit code (1 failure, 2 usage, 3 a check
    /// that failed, 4 unavailable).
    static func main() async {
        FastProducts.begin()
        WorkerWatch.start()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let code = ExitCodes.code(of: error)
            if ExitCodes.isFromParser(error) {
                let text = fullMessage(for: error)
                let stream = exitCode(for: error).isSuccess ? FileHandle.standardOutput : FileHandle.standardError
                if !text.isEmpty { stream.write(Data((text + "\n").utf8)) }
            } else {
                Terminal.error(FailureText.text(of: error))
            }
            Foundation.exit(code)
        }
    }
}
