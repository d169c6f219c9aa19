/// Inference plans on several threads, for evaluating many batches: each thread has its own plan over one store.
///
/// OpenBLAS is set to one thread for the whole process.
package final class InferenceTeam<Built>: @unchecked Sendable {  // why: each thread uses its own plan, and `body`
    // changes only while all threads wait
    /// What one worker does with its plan: typically fill, `forward`, read, in a loop.
    package typealias Body = @Sendable (_ worker: Int, _ plan: Plan, _ built: Built) throws -> Void

    private final class Worker {
        let plan: Plan
        let built: Built
        var error: (any Error)?

        init(plan: Plan, built: Built) {
            self.plan = plan
            self.built = built
        }
    }

    /// Number of threads.
    package let workers: Int
    private let members: [Worker]
    private var team: ThreadTeam?
    private var body: Body?

    /// Builds and seals a plan for every worker and starts the threads.
    package init(
        store: ParameterStore, workers: Int, build: (_ worker: Int, _ plan: Plan) throws -> Built
    ) throws {
        guard workers > 0 else { throw NNError.plan("inference needs at least one worker") }
        BLAS.useOneThread()
        self.workers = workers
        members = try (0..<workers).map { worker in
            let plan = Plan(store: store, mode: .inference)
            let built = try build(worker, plan)
            try plan.seal()
            return Worker(plan: plan, built: built)
        }
        team = try ThreadTeam(count: workers) { [unowned self] number in self.work(number) }
    }

    deinit {
        close()
    }

    /// Runs `body` once on every worker's thread and waits; throws the first worker's error.
    package func run(_ body: @escaping Body) throws {
        guard let team else { throw NNError.plan("the team is closed; make a new one") }
        self.body = body
        team.run()
        self.body = nil
        for index in members.indices {
            if let error = members[index].error { throw error }
        }
    }

    /// Ends the threads.
    package func close() {
        team?.close()
        team = nil
    }

    private func work(_ number: Int) {
        let member = members[number]
        member.error = nil
        do { try body?(number, member.plan, member.built) } catch { member.error = error }
    }
}
