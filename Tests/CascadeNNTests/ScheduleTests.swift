import Testing

@testable import CascadeNN

@Suite struct ScheduleTests {
    func rates(_ schedule: any Schedule, _ steps: [Int]) -> [Float] { steps.map { schedule.rate(at: $0) } }

    @Test func schedulesFollowTheirFormulas() {
        expectClose(rates(ConstantRate(0.3), [0, 1000]), [0.3, 0.3], "constant")
        expectClose(
            rates(LinearWarmup(steps: 4, then: ConstantRate(0.4)), [0, 1, 2, 3, 4, 9]), [0.1, 0.2, 0.3, 0.4, 0.4, 0.4],
            "warm-up")
        expectClose(
            rates(CosineRate(peak: 1, floor: 0.2, steps: 10), [0, 5, 10, 50]), [1, 0.6, 0.2, 0.2], "cosine")
        expectClose(
            rates(StoppedRate(after: 3, of: ConstantRate(0.3)), [0, 2, 3, 50]), [0.3, 0.3, 0, 0], "stopped")
        expectClose(rates(LinearRate(peak: 1, floor: 0.5, steps: 10), [0, 5, 10, 50]), [1, 0.75, 0.5, 0.5], "linear")
        expectClose(rates(StepDecay(rate: 1, factor: 0.5, every: 3), [0, 2, 3, 6]), [1, 1, 0.5, 0.25], "steps")
        expectClose(
            rates(ExponentialDecay(rate: 1, factor: 0.25, every: 2), [0, 1, 2]), [1, 0.5, 0.25], "exponential")
        expectClose(
            rates(LinearWarmup(steps: 2, then: CosineRate(peak: 1, steps: 4)), [0, 1, 2, 4, 6]), [0.5, 1, 1, 0.5, 0],
            "warm-up into cosine")
    }
}
