import ArgumentParser
import CascadeData
import CascadeStorage
import Foundation

/// `cascade import`: a data set through its mapping into the database.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Import a data set through its mapping; running it again adds nothing.")

    @OptionGroup var options: GlobalOptions
    @Option(help: "The mapping, such as Config/datasets/kuairand.yaml.") var dataset: String
    @Option(help: "The folder with the files that the mapping names.") var path: String
    @Option(help: "Where bad rows go (default: DATASET.rejects.ndjson in the data directory).") var rejects: String?
    @Flag(help: "Read and check everything, write nothing to the database.") var dryRun = false

    func run() async throws {
        let configuration = try options.load()
        let mapping = try DatasetMapping.load(path: dataset)
        let directory = URL(fileURLWithPath: path)
        let file = try rejectsFile(configuration, mapping)
        let printer = ProgressPrinter()
        let report: ImportReport
        if dryRun {
            report = try await ImportRun.validate(mapping: mapping, directory: directory, rejects: file) {
                printer.show($0)
            }
        } else {
            report = try await Session.with(options) { session in
                let report = try await ImportRun(
                    mapping: mapping, directory: directory, sink: session.storage.importSink, batchRows: 100_000,
                    rejects: file,
                    progress: { printer.show($0) }
                ).run()
                try await session.storage.counters.fold()
                return report
            }
        }
        printer.finish()
        Terminal.out(report.text)
        if FileManager.default.fileExists(atPath: file.path) { Terminal.out("bad rows are in \(file.path)") }
    }

    private func rejectsFile(_ configuration: CascadeConfiguration, _ mapping: DatasetMapping) throws -> URL {
        if let rejects { return URL(fileURLWithPath: rejects) }
        let folder = URL(fileURLWithPath: configuration.data.directory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appendingPathComponent("\(mapping.dataset).rejects.ndjson")
    }
}
