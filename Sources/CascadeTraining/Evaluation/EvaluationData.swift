package import CascadeCore
package import CascadeFeatures
package import CascadeModels

/// How much of the past an evaluated row may see.
package enum HistoryMode: String, Sendable, Codable, CaseIterable {
    /// Pasts end where the evaluated period begins, as in published figures.
    case frozen
    /// A row sees all that happened before it, as in service.
    case rolling
}

/// The interactions before and in an evaluated period, in the rows of a release's catalog.
package struct EvaluationData: Sendable {
    package let bundle: ModelBundle
    package let log: EncodedLog
    package let users: [User]
    /// Where the evaluated period begins, in microseconds since 1970.
    package let from: Int64
    package let until: Int64
    /// The counters over windows of time; nil where the release has none.
    let windows: EvaluationWindows?

    /// - Parameter log: everything before the end of the period.
    package init(bundle: ModelBundle, log: InteractionLog, users: [User], period: Period) throws {
        guard let from = period.from else {
            throw TrainingError.badArgument("an evaluation needs --from: where the evaluated period begins")
        }
        self.bundle = bundle
        let rows = EntityRows(users: users, items: bundle.rows.items, log: log, catalogIsClosed: true)
        self.log = EncodedLog(
            log, catalog: rows, heads: bundle.map.heads, historySignals: bundle.map.historySignals)
        self.users = rows.users
        self.from = from.microseconds
        until = period.until?.microseconds ?? .max
        windows = bundle.map.windowedLayout.map { EvaluationWindows($0, log: log, rows: rows, from: from.microseconds) }
    }

    /// The rows of `user` in the evaluated period.
    package func evaluatedRows(of user: Int) -> Range<Int> {
        let start = log.firstRow(of: user, at: from)
        return start..<max(start, log.firstRow(of: user, at: until))
    }
}
