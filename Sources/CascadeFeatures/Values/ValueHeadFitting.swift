import CascadeCore

/// Fits value heads on the interactions of the training period.
struct ValueHeadFitting {
    /// By name of the head.
    let settings: [String: ValueHeadSettings]
    /// Impressions that must have received a value.
    let minimum: Int

    /// Shares of the values below the smallest and the largest one that are told apart, where the settings name none.
    private static let quantiles = (low: 0.001, high: 0.999)

    /// The heads by name; `problems` tells why one cannot be.
    func fit(_ log: InteractionLog, heads: [String]) -> (fitted: [ValueHead], problems: [String]) {
        var fitted: [ValueHead] = []
        var problems: [String] = []
        if heads.isEmpty, !settings.isEmpty {
            problems.append(
                "there are no heads that values could stand beside, since no signal has enough impressions with and without it"
            )
        }
        for (name, wish) in settings.sorted(by: { $0.key < $1.key }) {
            switch fit(name, wish, log) {
            case .success(let head): fitted.append(head)
            case .failure(let problem): problems.append("\(name): \(problem.text)")
            }
        }
        return (fitted, problems)
    }

    private struct Problem: Error {
        let text: String
    }

    private func fit(
        _ name: String, _ wish: ValueHeadSettings, _ log: InteractionLog
    ) -> Result<ValueHead, Problem> {
        func problem(_ text: String) -> Result<ValueHead, Problem> { .failure(Problem(text: text)) }
        guard !log.signals.contains(name) else {
            return problem("a signal has that name; choose another for the values")
        }
        guard log.signals.contains(wish.signal) else {
            return problem("there is no signal '\(wish.signal)'; there are \(log.signals.joined(separator: ", "))")
        }
        let column = log.valueColumn(of: wish.signal)
        let bit = log.mask(of: wish.signal)
        let given = column.indices.count { !column[$0].isNaN && log.feedback[$0] & bit != 0 }
        guard given >= minimum else {
            return problem(
                "\(given) impressions of the training period received '\(wish.signal)' with a value, "
                    + "\(minimum) are needed (features.minimum_positives); its events must have one")
        }
        let values = column.filter { !$0.isNaN }.map(Double.init).sorted()
        func quantile(_ share: Double) -> Double { values[Int((share * Double(values.count - 1)).rounded())] }
        let minimum = wish.minimum ?? min(quantile(Self.quantiles.low), wish.maximum ?? .infinity)
        let maximum = wish.maximum ?? quantile(Self.quantiles.high)
        guard minimum < maximum else {
            return problem("all values are cut to \(maximum); set .minimum and .maximum around them")
        }
        guard wish.transform == .none || minimum >= 0 else {
            return problem(
                "transform log1p is of values from 0 on, and there are some below; set minimum: 0 to cut them")
        }
        let learned = values.map { wish.transform.applied(to: min(max($0, minimum), maximum)) }
        let count = Double(values.count)
        let centre = learned.reduce(0, +) / count
        let variance = learned.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / count
        guard variance > 0 else { return problem("all values are the same, and there is nothing to learn") }
        return .success(
            ValueHead(
                name: name, settings: wish, rows: values.count, average: values.reduce(0, +) / count,
                range: minimum...maximum, centre: centre, deviation: variance.squareRoot(),
                ends: ends(wish, wish.transform.applied(to: minimum)...wish.transform.applied(to: maximum))))
    }

    /// The ends of the histogram: where they are fitted they lie so far out that a target at the border of the range is
    /// not cut, whose mean would else lie further in than the value.
    private func ends(_ wish: ValueHeadSettings, _ range: ClosedRange<Double>) -> ClosedRange<Double> {
        let margin = ValueHeadSettings.reach * wish.sigma
        let (below, above) = (wish.minimum == nil ? margin : 0, wish.maximum == nil ? margin : 0)
        let width = (range.upperBound - range.lowerBound) / max(1, Double(wish.bins) - below - above)
        return (range.lowerBound - below * width)...(range.upperBound + above * width)
    }
}
