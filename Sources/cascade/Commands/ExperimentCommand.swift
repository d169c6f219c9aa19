import ArgumentParser
import CascadeCore
import CascadeStorage
import CascadeTraining
import Foundation

/// `cascade experiment`: compares settings over seeds on held-out data, without touching any release.
struct ExperimentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiment",
        abstract:
            "Train and measure the runs of a YAML file over seeds; print and keep the table, the curves and plots.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The experiment's YAML file.") var file: String
    @Option(help: "Where the results go (default: experiments/NAME in the data directory).") var out: String?

    func run() async throws {
        let configuration = try options.load()
        let experiment = try ExperimentFile.load(file, over: configuration)
        var planted: PlantedInterests?
        if let path = experiment.planted { planted = try await PlantedInterests.read(path) }
        try await Session.with(options) { [planted] session in
            let result = try await ExperimentRun(
                catalog: session.storage.catalog, feedback: try await session.cachedFeedback(), experiment: experiment,
                planted: planted, report: { TrainingText.show($0) }
            ).run()
            let folder =
                out.map { URL(fileURLWithPath: $0) }
                ?? session.dataDirectory.appendingPathComponent("experiments").appendingPathComponent(experiment.name)
            try ExperimentFiles(folder: folder).write(result, at: .now)
            Terminal.out(ExperimentFiles.table(result))
            Terminal.note("results, curves and plots are in \(folder.path)")
        }
    }
}
