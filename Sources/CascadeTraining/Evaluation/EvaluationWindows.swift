import CascadeCore
import CascadeFeatures

/// What the counters over windows of time hold for evaluated rows.
struct EvaluationWindows: Sendable {
    let layout: WindowedLayout
    /// The counts where the evaluated period begins.
    private let frozen: WindowedReplay
    /// By rows of the encoded log: the counts when an impression of the period was shown.
    private let rolling: WindowedValues

    init(_ layout: WindowedLayout, log: InteractionLog, rows: EntityRows, from: Int64) {
        self.layout = layout
        var frozen: WindowedReplay?
        rolling = WindowedValues(layout, log: log, rows: rows, from: from) { frozen = $0 }
        self.frozen = frozen ?? WindowedReplay(layout.definition, log: log, rows: rows)
    }

    /// The columns of a row that sees what happened before the evaluated period.
    func frozen(user: User, item: Item) -> [Float] {
        layout.columns(of: frozen.totals(user: user.id, item: item))
    }

    /// The columns of an impression of the period as it was shown.
    func rolling(row: Int) -> [Float] { rolling.values(row: row) ?? layout.empty }
}
