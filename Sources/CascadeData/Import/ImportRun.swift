package import CascadeCore
package import Foundation

/// One import of a data set: reads its files by a mapping and writes them to a sink, batch by batch.
///
/// Running it again adds nothing: rows without identifiers get one from their content, and the sink drops what is
/// there. So a run that was killed is simply run again. Batch n+1 is parsed on a thread while batch n is written.
package struct ImportRun: Sendable {
    private let mapping: DatasetMapping
    private let directory: URL
    private let sink: any ImportSink
    private let batchRows: Int
    private let rejects: URL?
    private let progress: @Sendable (ImportProgress) -> Void

    /// Prepares a run over the files in `directory`; nothing is read before `run`.
    ///
    /// Bad rows go to the file `rejects` as NDJSON (`file`, `line`, `column`, `reason`, `raw`); a file of an earlier
    /// run is removed, and none is made while no row is bad. `progress` is called after every batch.
    package init(
        mapping: DatasetMapping, directory: URL, sink: any ImportSink, batchRows: Int = 20_000, rejects: URL? = nil,
        progress: @escaping @Sendable (ImportProgress) -> Void = { _ in }
    ) {
        self.mapping = mapping
        self.directory = directory
        self.sink = sink
        self.batchRows = batchRows
        self.rejects = rejects
        self.progress = progress
    }

    /// Reads and writes everything.
    ///
    /// Throws `DataError` for what is wrong with files, before the first row where it can be known then; errors of the
    /// sink as they are; `CancellationError`.
    package func run() async throws -> ImportReport {
        let (mapping, directory, rejects, batchRows) = (mapping, directory, rejects, batchRows)
        let plan = try await Self.plan(mapping, directory)
        let vectors = plan.vectors.compactMap(\.self)
        if !vectors.isEmpty {
            let declared = try await sink.vectorDefinitions()
            for source in vectors { try source.check(declared) }
        }
        try await sink.declare(attributes: mapping.attributeDefinitions, signals: mapping.signals)
        try await sink.declare(vectors: vectors.map(\.definition))
        var tally = ImportTally(mapping, plan)
        try await BatchPump.run(name: "import") { send in
            let parser = ImportParser(
                mapping, plan: plan, batchRows: batchRows, rejects: try RejectsFile(rejects))
            try parser.run(send)
        } take: { (part: ParsedBatch) in
            let outcome = part.batch.count > 0 ? try await sink.write(part.batch) : ImportOutcome()
            tally.add(part, outcome)
            progress(tally.progress)
        }
        return tally.finished()
    }

    private static func plan(_ mapping: DatasetMapping, _ directory: URL) async throws -> ImportPlan {
        let pool = ComputePool(threads: 1, name: "import-plan")
        defer { pool.shutdown() }
        return try await pool.run { _ in try ImportPlan(mapping, directory: directory) }
    }

    /// Reads and checks everything and writes nothing: rejects and counts are as in a run, duplicates are not known.
    package static func validate(
        mapping: DatasetMapping, directory: URL, rejects: URL? = nil,
        progress: @escaping @Sendable (ImportProgress) -> Void = { _ in }
    ) async throws -> ImportReport {
        let run = ImportRun(
            mapping: mapping, directory: directory, sink: DiscardingSink(), rejects: rejects, progress: progress)
        return try await run.run()
    }
}

/// Takes everything and keeps nothing; all of it counts as new.
package struct DiscardingSink: ImportSink {
    /// A sink with nothing to set.
    package init() {}

    /// Does nothing.
    package func declare(attributes: [AttributeDefinition], signals: [String]) async throws {}

    /// Has none.
    package func vectorDefinitions() async throws -> [VectorDefinition] { [] }

    /// Does nothing.
    package func declare(vectors: [VectorDefinition]) async throws {}

    /// Counts the batch as new.
    package func write(_ batch: ImportBatch) async throws -> ImportOutcome {
        var outcome = ImportOutcome()
        outcome.users.inserted = batch.users.count
        outcome.items.inserted = batch.items.count
        outcome.impressions.inserted = batch.impressions.count
        outcome.events.inserted = batch.events.count
        outcome.relations.inserted = batch.relations.count
        outcome.vectors.inserted = batch.vectors.count
        return outcome
    }
}
