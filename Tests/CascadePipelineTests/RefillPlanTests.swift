import CascadePipeline
import Testing

@Suite("Refill plan")
struct RefillPlanTests {
    /// The steps until the end, when each outcome is the one given for its step.
    private func steps(
        _ plan: RefillPlan, _ outcome: (RefillPlan.Step, Int) -> RefillPlan.Outcome
    ) -> (steps: [RefillPlan.Step], plan: RefillPlan) {
        var plan = plan
        var steps: [RefillPlan.Step] = []
        while let step = plan.step, steps.count < 50 {
            steps.append(step)
            plan.advance(after: outcome(step, steps.count))
        }
        return (steps, plan)
    }

    private func outcome(missing: Int = 1, brought: Int = 0, more: Bool = true, time: Bool = true) -> RefillPlan.Outcome
    {
        RefillPlan.Outcome(missing: missing, brought: brought, sourcesHaveMore: more, timeLeft: time)
    }

    @Test("a full slate needs one pass")
    func full() {
        let (steps, plan) = steps(RefillPlan(rounds: 3, capped: true)) { _, _ in outcome(missing: 0) }
        #expect(steps == [.sources(round: 0)])
        #expect(plan.refills == 0 && !plan.isRelaxed && !plan.ranOutOfTime)
    }

    @Test("a short slate asks for more, then for the whole catalog, then without caps")
    func short() {
        let (found, plan) = steps(RefillPlan(rounds: 2, capped: true)) { _, _ in outcome() }
        #expect(
            found == [
                .sources(round: 0), .sources(round: 1), .sources(round: 2), .catalog, .relax, .catalogWithoutCaps,
            ])
        #expect(plan.isRelaxed && plan.refills == 4)
        #expect(steps(RefillPlan(rounds: 2, capped: false)) { _, _ in outcome() }.steps.last == .catalog)
    }

    @Test("sources that have no more are not asked again")
    func spent() {
        let (steps, _) = steps(RefillPlan(rounds: 5, capped: false)) { _, _ in outcome(more: false) }
        #expect(steps == [.sources(round: 0), .catalog])
    }

    @Test("the catalog is asked again as long as it brings something")
    func catalog() {
        let (steps, _) = steps(RefillPlan(rounds: 0, capped: false)) { _, count in outcome(brought: count < 4 ? 9 : 0) }
        #expect(steps == [.sources(round: 0), .catalog, .catalog, .catalog])
    }

    @Test("when time is out, only the caps are still relaxed")
    func deadline() {
        let capped = steps(RefillPlan(rounds: 5, capped: true)) { _, _ in outcome(time: false) }
        #expect(capped.steps == [.sources(round: 0), .relax])
        #expect(capped.plan.ranOutOfTime)
        let free = steps(RefillPlan(rounds: 5, capped: false)) { _, _ in outcome(time: false) }
        #expect(free.steps == [.sources(round: 0)])
        #expect(free.plan.ranOutOfTime)
    }
}
