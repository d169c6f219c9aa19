/// A metric of an experiment that is a figure of a ranker's head, such as `ranker.long_view.auc`.
struct RankerMetric {
    let name: String
    let head: String
    let figure: PairedBootstrap.Figure

    /// Nil for any other metric.
    init?(_ metric: String) {
        guard metric.hasPrefix("ranker.") else { return nil }
        let rest = metric.dropFirst("ranker.".count)
        // `grouped_auc` ends in no point before `auc`, so one figure at most fits.
        guard let figure = PairedBootstrap.Figure.allCases.first(where: { rest.hasSuffix(".\($0.rawValue)") }) else {
            return nil
        }
        name = metric
        head = String(rest.dropLast(figure.rawValue.count + 1))
        self.figure = figure
    }
}
