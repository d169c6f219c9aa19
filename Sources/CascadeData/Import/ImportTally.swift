import CascadeCore

/// Adds up what became of the batches.
struct ImportTally {
    private(set) var progress: ImportProgress
    private var report: ImportReport
    private let clock = ContinuousClock()
    private let started: ContinuousClock.Instant
    private var tableStarted: ContinuousClock.Instant

    init(_ mapping: DatasetMapping, _ plan: ImportPlan) {
        started = clock.now
        tableStarted = started
        report = ImportReport(dataset: mapping.dataset)
        report.warnings = plan.warnings
        for (table, files) in zip(mapping.tables, plan.files) {
            var line = TableReport(table: table.name)
            line.files = files.map(\.name)
            report.tables.append(line)
        }
        for (one, source) in zip(mapping.vectors ?? [], plan.vectors) {
            var line = TableReport(table: "vectors \(one.name)")
            line.files = source == nil ? [] : [one.file]
            report.tables.append(line)
        }
        progress = ImportProgress(table: report.tables.first?.table ?? "", bytesTotal: plan.bytesTotal)
    }

    /// Counts a batch that the sink has taken.
    mutating func add(_ part: ParsedBatch, _ outcome: ImportOutcome) {
        var table = report.tables[part.table]
        table.rowsRead += part.rowsRead
        table.skipped += part.skipped
        table.rejected += part.rejected
        let results: [(ImportCount.Kind, AppendResult)] = [
            (.users, outcome.users), (.items, outcome.items), (.impressions, outcome.impressions),
            (.events, outcome.events), (.relations, outcome.relations), (.vectors, outcome.vectors),
        ]
        for (kind, result) in results where result.inserted + result.duplicates > 0 {
            table.outcome[kind, default: ImportCount()].inserted += result.inserted
            table.outcome[kind, default: ImportCount()].duplicates += result.duplicates
        }
        if part.merged > 0 {
            table.outcome[part.batch.items.isEmpty ? .users : .items, default: ImportCount()].duplicates += part.merged
        }
        table.withoutItem += outcome.vectorsWithoutItem
        if let warning = part.warning { report.warnings.append(warning) }
        table.seconds = seconds(since: tableStarted)
        if part.endsTable { tableStarted = clock.now }
        report.tables[part.table] = table
        show(part)
    }

    /// The report as it is now.
    func finished() -> ImportReport {
        var result = report
        for table in result.tables where table.withoutItem > 0 {
            result.warnings.append(
                "\(table.table): \(table.withoutItem) rows are of items that are not in the catalog; import the items, "
                    + "then this again")
        }
        result.seconds = seconds(since: started)
        return result
    }

    private mutating func show(_ part: ParsedBatch) {
        progress.table = report.tables[part.table].table
        progress.rows += part.rowsRead
        progress.rejected += part.rejected
        progress.inserted = report.total(\.inserted)
        progress.duplicates = report.total(\.duplicates)
        progress.bytesRead = part.bytesRead
        progress.seconds = seconds(since: started)
    }

    private func seconds(since start: ContinuousClock.Instant) -> Double {
        let elapsed = (clock.now - start).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    }
}
