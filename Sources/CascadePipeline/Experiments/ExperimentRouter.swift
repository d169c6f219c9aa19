import CascadeCore

/// Answers each request by the pipeline of its user's arms; without tests, or for who takes no part in one, by the usual one.
///
/// A visitor without a name takes part in nothing: nobody would be the same the next time; nor does a request that says itself which
/// release shall answer or what heads count for.
package struct ExperimentRouter: Recommending, Explaining {
    private let usual: RecommendPipeline
    private let tests: ExperimentsSettings
    /// By the places of the arms, test by test; -1 for no part.
    private let pipelines: [[Int]: Variant]

    private struct Variant: Sendable {
        let pipeline: RecommendPipeline
        let arms: [ExperimentArm]
        let release: String?
    }

    /// Makes the pipeline of every combination of arms.
    ///
    /// - Parameters:
    ///   - usual: what answers without tests, with its settings and environment.
    ///   - releases: what is served of the releases that arms name; while one is not there, its arm's requests are answered as
    ///     usual and count for no arm.
    /// - Throws: `PipelineError.invalidSettings`.
    package init(
        _ usual: RecommendPipeline, _ tests: ExperimentsSettings,
        releases: [String: @Sendable () -> (any ReleaseView)?] = [:]
    ) throws(PipelineError) {
        let problems = tests.problems(over: usual.settings)
        guard problems.isEmpty else { throw .invalidSettings(problems) }
        self.usual = usual
        self.tests = tests
        var combinations: [[Int]] = [[]]
        for test in tests.running {
            combinations = combinations.flatMap { combination in
                (-1..<(test.share > 0 ? test.arms.count : 0)).map { combination + [$0] }
            }
        }
        var pipelines: [[Int]: Variant] = [:]
        for combination in combinations where combination.contains(where: { $0 >= 0 }) {
            pipelines[combination] = try Self.variant(combination, usual, tests, releases)
        }
        self.pipelines = pipelines
    }

    private static func variant(
        _ combination: [Int], _ usual: RecommendPipeline, _ tests: ExperimentsSettings,
        _ releases: [String: @Sendable () -> (any ReleaseView)?]
    ) throws(PipelineError) -> Variant {
        var settings = usual.settings
        var environment = usual.environment
        var arms: [ExperimentArm] = []
        var named: String?
        for (test, place) in zip(tests.running, combination) where place >= 0 {
            let arm = test.arms[place]
            arms.append(ExperimentArm(experiment: test.name, arm: arm.name))
            arm.pipeline.apply(to: &settings)
            guard let id = arm.release else { continue }
            guard let release = releases[id] else {
                throw .invalidSettings(["experiments.running.\(test.name).\(arm.name).release: \(id) is not loaded"])
            }
            named = id
            environment.release = release
        }
        return Variant(
            pipeline: try RecommendPipeline(settings: settings, environment: environment), arms: arms, release: named)
    }

    package var settings: PipelineSettings { usual.settings }

    package func components() -> [ComponentDescription] { usual.components() }

    /// By the pipeline of the arms that made the slate, where it still stands.
    package func recompute(
        _ itemID: String, in trace: PipelineTrace
    ) async throws(NotRecomputed) -> RecomputedItem {
        let variant = pipelines.values.first { $0.arms.byName == trace.experiment }
        return try await (variant?.pipeline ?? usual).recompute(itemID, in: trace)
    }

    package func recommend(
        _ request: RecommendRequest, context: RequestContext
    ) async throws(PipelineError) -> RecommendResponse {
        guard let user = request.userID, !pipelines.isEmpty, request.releaseID == nil, request.weights.isEmpty else {
            return try await usual.recommend(request, context: context)
        }
        let places = tests.running.map { $0.arm(of: user, seed: tests.seed) ?? -1 }
        guard let variant = pipelines[places], variant.release == nil || variant.pipeline.environment.release() != nil
        else { return try await usual.recommend(request, context: context) }
        var context = context
        context.experiments = variant.arms
        return try await variant.pipeline.recommend(request, context: context)
    }
}
