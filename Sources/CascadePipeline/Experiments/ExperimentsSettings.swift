/// A/B tests: shares of the users that are served otherwise; the `experiments` section of the configuration.
///
/// Not to be taken for the trainings that `cascade experiment` compares offline.
package struct ExperimentsSettings: Hashable, Sendable, Codable {
    /// Another number assigns all users anew.
    package var seed: UInt64 = 0
    /// The tests that run, each assigning users by itself.
    package var running: [ExperimentSettings] = []

    package init() {}

    /// The greatest number of tests at once: each stands in the identifier of a recommendation.
    package static let maximum = 4
    /// The greatest number of pipelines that the arms of all tests make together.
    package static let maximumCombinations = 64
}

/// One A/B test.
package struct ExperimentSettings: Hashable, Sendable {
    /// Small letters, digits and underscores, at most 24.
    package var name: String
    /// The share of the users that take part, in 0...1; a greater one later keeps those who do. 0 ends it and keeps it for reports.
    package var share: Double
    /// The first is the control.
    package var arms: [Arm]

    package init(name: String, share: Double = 1, arms: [Arm]) {
        self.name = name
        self.share = share
        self.arms = arms
    }

    /// One way of serving.
    package struct Arm: Hashable, Sendable {
        /// Small letters, digits and underscores, at most 16.
        package var name: String
        /// Its part of the users that take part, beside the weights of the other arms.
        package var weight: Double
        /// What it changes of the pipeline.
        package var pipeline: PipelineChange
        /// The release that it serves; nil for the active one.
        package var release: String?

        package init(
            name: String, weight: Double = 1, pipeline: PipelineChange = PipelineChange(), release: String? = nil
        ) {
            self.name = name
            self.weight = weight
            self.pipeline = pipeline
            self.release = release
        }
    }
}

extension ExperimentSettings: Codable {
    private enum CodingKeys: String, CodingKey { case name, share, arms }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            share: try container.decodeIfPresent(Double.self, forKey: .share) ?? 1,
            arms: try container.decode([Arm].self, forKey: .arms))
    }
}

extension ExperimentSettings.Arm: Codable {
    private enum CodingKeys: String, CodingKey { case name, weight, pipeline, release }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            weight: try container.decodeIfPresent(Double.self, forKey: .weight) ?? 1,
            pipeline: try container.decodeIfPresent(PipelineChange.self, forKey: .pipeline) ?? PipelineChange(),
            release: try container.decodeIfPresent(String.self, forKey: .release))
    }
}
