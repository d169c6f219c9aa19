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
    let heldOut: HeldOut
    /// The counters over windows of time; nil where the release has none.
    let windows: EvaluationWindows?

    /// - Parameter log: everything before the end of what is held out.
    package init(bundle: ModelBundle, log: InteractionLog, users: [User], heldOut: HeldOut) throws {
        if case .period(let period) = heldOut, period.from == nil {
            throw TrainingError.badArgument("an evaluation needs --from: where the evaluated period begins")
        }
        guard bundle.map.windows == nil || log.answers != nil else {
            throw TrainingError.badArgument(
                "the release counts over windows of time, and the log was read without the times of answers; read it timed"
            )
        }
        self.heldOut = heldOut
        self.bundle = bundle
        let rows = EntityRows(users: users, items: bundle.rows.items, log: log, catalogIsClosed: true)
        self.log = EncodedLog(
            log, catalog: rows, heads: bundle.map.heads, historySignals: bundle.map.historySignals,
            surfaces: bundle.map.historySurfaces ?? [], values: bundle.map.valueHeads)
        self.users = rows.users
        let from: Int64 = if case .period(let period) = heldOut { period.from?.microseconds ?? .min } else { .max }
        windows = bundle.map.windowedLayout.map { EvaluationWindows($0, log: log, rows: rows, from: from) }
    }

    /// When the interaction of a row was; behind the last row, the time of that.
    func moment(of row: Int) -> Timestamp {
        Timestamp(microseconds: log.time.isEmpty ? 0 : log.time[min(row, log.count - 1)])
    }

    /// The rows of `user` that are evaluated; what lies before them is the frozen past.
    package func evaluatedRows(of user: Int) -> Range<Int> {
        switch heldOut {
        case .period(let period):
            let start = log.firstRow(of: user, at: period.from?.microseconds ?? .min)
            return start..<max(start, log.firstRow(of: user, at: period.until?.microseconds ?? .max))
        case .last(let share):
            let rows = Int(log.userStart[user])..<Int(log.userStart[user + 1])
            return HeldOut.cut(rows, share: share, time: log.time)..<rows.upperBound
        }
    }
}
