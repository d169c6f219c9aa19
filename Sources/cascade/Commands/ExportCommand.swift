import ArgumentParser
import CascadeCore
import CascadeStorage
import Foundation

/// `cascade export`: data, rows of training and vectors as files for other programs.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write data, what training reads, or vectors of items into a file.")

    /// What is written.
    enum Content: String, ExpressibleByArgument, CaseIterable {
        case items, users, events, impressions, training, embeddings

        var table: ExportedTable? { ExportedTable(rawValue: rawValue) }
    }

    @OptionGroup var options: GlobalOptions
    @OptionGroup var period: PeriodOptions
    @Argument(help: "items, users, events, impressions, training or embeddings.") var content: Content
    @Option(help: "The file to write; -: NDJSON or CSV to standard output.") var out: String
    @Option(help: "Of training: ndjson or csv (default: csv for a file that ends so, else ndjson).")
    var format: TrainingRowText?
    @Option(help: "Of embeddings: the release (default: the active one).") var release: String?

    func validate() throws {
        let hasTime = content == .training || content.table?.isLog == true
        if period.from != nil || period.until != nil, !hasTime {
            throw ValidationError(
                "--from and --until bound events, impressions and training; \(content.rawValue) have no time")
        }
        if format != nil, content != .training { throw ValidationError("--format belongs to training") }
        if release != nil, content != .embeddings { throw ValidationError("--release belongs to embeddings") }
        if content == .embeddings, !out.hasSuffix(".npy"), !out.hasSuffix(".safetensors") {
            throw ValidationError("--out \(out): embeddings go into a file that ends in .npy or .safetensors")
        }
    }

    func run() async throws {
        let period = try period.period()
        let form = format ?? (out.hasSuffix(".csv") ? .csv : .ndjson)
        let written = try await Session.with(options) { session in
            let run = ExportRun(session: session, path: out)
            if let table = content.table { return "\(try await run.table(table, period)) \(content.rawValue)" }
            if content == .training { return "\(try await run.training(period, form)) rows" }
            let chosen = try await session.releaseOrActive(release)
            let (rows, columns) = try await run.embeddings(chosen)
            return "\(rows) vectors of \(columns) numbers of release \(chosen.id), identifiers in "
                + EmbeddingFiles.identifiers(of: out)
        }
        // Standard output is the data's.
        Terminal.note("\(written)\(out == ExportFile.standardOutput ? "" : " in \(out)")")
    }
}

extension TrainingRowText: ExpressibleByArgument {}
