import Synchronization

/// Keeps the component runs of one request, and counts them in the metrics.
package final class StageRecorder: Sendable {
    private struct State {
        var reports: [StageReport] = []
        var walls: [StageKind: UInt64] = [:]
        var degraded: Set<Degradation> = []
    }

    let clock: PipelineClock
    private let metrics: PipelineMetrics
    private let state = Mutex(State())

    init(clock: PipelineClock, metrics: PipelineMetrics) {
        self.clock = clock
        self.metrics = metrics
    }

    /// The component runs in the order in which they ended.
    package var reports: [StageReport] { state.withLock { $0.reports } }

    /// What was missing so far, in the order of the declaration.
    package var degraded: [Degradation] {
        let noted = state.withLock { $0.degraded }
        return Degradation.allCases.filter(noted.contains)
    }

    func note(_ degradation: Degradation) { _ = state.withLock { $0.degraded.insert(degradation) } }

    /// Milliseconds that a stage took in all its rounds, its parallel components counted once.
    func wall(of stage: StageKind) -> Double { state.withLock { Double($0.walls[stage, default: 0]) / 1e6 } }

    var walls: [StageKind: Double] { state.withLock { $0.walls.mapValues { Double($0) / 1e6 } } }

    /// Adds the time since `start` to a stage.
    func addWall(_ stage: StageKind, since start: UInt64) {
        let now = clock.nanoseconds()
        state.withLock { $0.walls[stage, default: 0] += now > start ? now - start : 0 }
    }

    /// Starts the report of a component's run.
    func start(_ component: any Component, round: Int = 0) -> StageTimer {
        StageTimer(
            report: StageReport(stage: type(of: component).stage, component: component.name, round: round),
            started: clock.nanoseconds())
    }

    /// Records that a component did not run for this request.
    ///
    /// - Parameter note: why, where that is worth telling.
    func skip(_ component: any Component, round: Int = 0, note: String? = nil) {
        var report = StageReport(
            stage: type(of: component).stage, component: component.name, round: round, enabled: false)
        report.note = note
        append(report)
    }

    /// Ends the report of a run: measures it, counts it and keeps it.
    func finish(_ timer: StageTimer, _ edit: (inout StageReport) -> Void = { _ in }) {
        var report = timer.report
        report.latencyMS = clock.milliseconds(since: timer.started)
        edit(&report)
        metrics.count(report)
        append(report)
    }

    /// Counts trouble of a component by a word for its kind.
    func countError(_ component: any Component, reason: String, by amount: Int = 1) {
        metrics.countError(stage: type(of: component).stage, component: component.name, reason: reason, by: amount)
    }

    private func append(_ report: StageReport) {
        state.withLock {
            var numbered = report
            numbered.seq = $0.reports.count
            $0.reports.append(numbered)
        }
    }
}

/// A component's run that has begun.
struct StageTimer {
    var report: StageReport
    let started: UInt64
}

extension StageReport {
    /// Notes an error as text, shortened: it goes to log lines and traces.
    mutating func note(_ error: any Error) { self.error = String("\(error)".prefix(300)) }
}
