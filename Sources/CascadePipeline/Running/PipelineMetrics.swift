import CascadeObservability

/// The metrics that a pipeline counts; series of known components are looked up once.
final class PipelineMetrics: Sendable {
    private struct Key: Hashable {
        let stage: StageKind
        let component: String
    }

    private struct Instruments: Sendable {
        let duration: Histogram
        let input: Histogram
        let kept: Histogram
        let removed: Histogram
    }

    private let instruments: [Key: Instruments]
    private let errors: MetricFamily<Counter>
    private let rankings: MetricFamily<Counter>
    private let results: MetricFamily<Counter>
    private let fallbacks: MetricFamily<Counter>
    private let underfilled: MetricFamily<Counter>
    private let served: MetricFamily<Counter>
    private let removed: MetricFamily<Counter>
    private let headScores: MetricFamily<Histogram>

    init(registry: MetricRegistry, pipeline: String, components: [any Component]) {
        let durations = registry.histogram(Metrics.stageDuration)
        let candidates = registry.histogram(Metrics.stageCandidates)
        var instruments: [Key: Instruments] = [:]
        for component in components {
            let stage = type(of: component).stage
            let labels = [pipeline, stage.rawValue, component.name]
            instruments[Key(stage: stage, component: component.name)] = Instruments(
                duration: durations.with(labels), input: candidates.with(labels + ["in"]),
                kept: candidates.with(labels + ["kept"]), removed: candidates.with(labels + ["removed"]))
        }
        self.instruments = instruments
        errors = registry.counter(Metrics.stageErrors)
        rankings = registry.counter(Metrics.rankings)
        results = registry.counter(Metrics.recommendations)
        fallbacks = registry.counter(Metrics.fallbacks)
        underfilled = registry.counter(Metrics.underfilled)
        served = registry.counter(Metrics.sourceItemsServed)
        removed = registry.counter(Metrics.filterRemoved)
        headScores = registry.histogram(Metrics.headScore)
    }

    func count(_ report: StageReport) {
        guard let instruments = instruments[Key(stage: report.stage, component: report.component)] else { return }
        instruments.duration.observe(report.latencyMS / 1000)
        if let count = report.inputCount { instruments.input.observe(Double(count)) }
        if let count = report.keptCount ?? report.candidateCount ?? report.selectedCount {
            instruments.kept.observe(Double(count))
        }
        if let count = report.removedCount { instruments.removed.observe(Double(count)) }
    }

    func countError(stage: StageKind, component: String, reason: String, by amount: Int) {
        errors.with(stage.rawValue, component, reason).add(Double(amount))
    }

    /// Counts a request that was refused or given up.
    func countFailure() { results.with("error").add() }

    /// Counts a list of a caller by how its ranking turned out: `ok`, `fallback` or `error`.
    func countRanking(_ result: String) { rankings.with(result).add() }

    /// Counts how a slate turned out.
    func count(result: String, fallback: FallbackReason?, cause: UnderfillCause?) {
        results.with(result).add()
        if let fallback { fallbacks.with(fallback.rawValue).add() }
        if let cause { underfilled.with(cause.rawValue).add() }
    }

    /// Counts an answer and what served it.
    func count(_ outcome: PipelineOutcome) {
        count(result: outcome.result, fallback: outcome.fallback, cause: outcome.underfillCause)
        for (source, count) in outcome.servedPerSource { served.with(source).add(Double(count)) }
        for (filter, count) in outcome.board.removedPerFilter { removed.with(filter).add(Double(count)) }
        for (head, values) in outcome.servedHeads {
            let histogram = headScores.with(head)
            for value in values { histogram.observe(Double(value)) }
        }
    }
}
