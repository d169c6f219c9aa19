extension ExperimentsSettings {
    /// Everything that is wrong, each naming its key; empty when the tests can run over `pipeline`.
    package func problems(over pipeline: PipelineSettings) -> [String] {
        var problems: [String] = []
        if running.count > Self.maximum {
            problems.append("experiments.running: \(running.count) tests at once are more than \(Self.maximum)")
        }
        for (name, count) in Self.counts(running.map(\.name)) where count > 1 {
            problems.append("experiments.running: '\(name)' is listed more than once")
        }
        for test in running { problems += test.problems() }
        problems += overlaps()
        let combinations = running.reduce(1) { $0 * ($1.share > 0 ? $1.arms.count + 1 : 1) }
        if combinations > Self.maximumCombinations {
            problems.append(
                "experiments.running: the arms make \(combinations) pipelines together, more than \(Self.maximumCombinations)"
            )
        }
        guard problems.isEmpty else { return problems }
        for test in running {
            for arm in test.arms {
                var settings = pipeline
                arm.pipeline.apply(to: &settings)
                problems += settings.problems().map { "experiments.running.\(test.name).\(arm.name).pipeline.\($0)" }
            }
        }
        return problems
    }

    /// Two tests that change the same would not be independent: what a user gets would hang on their order.
    private func overlaps() -> [String] {
        var owners: [String: String] = [:]
        var problems: [String] = []
        for test in running where test.share > 0 {
            var keys = test.arms.reduce(into: Set<String>()) { $0.formUnion($1.pipeline.keys) }
            if test.arms.contains(where: { $0.release != nil }) { keys.insert("release") }
            for key in keys.sorted() {
                if let owner = owners[key] {
                    problems.append(
                        "experiments.running: '\(owner)' and '\(test.name)' both change \(key); make them arms of one test"
                    )
                }
                owners[key] = test.name
            }
        }
        return problems
    }

    fileprivate static func counts(_ names: [String]) -> [(String, Int)] {
        Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension ExperimentSettings {
    fileprivate func problems() -> [String] {
        let key = "experiments.running.\(name)"
        var problems: [String] = []
        if !Self.isPlain(name, maximum: 24) {
            problems.append(
                "experiments.running: the name '\(name)' must be 1 to 24 small letters, digits and underscores")
        }
        if !(0...1).contains(share) { problems.append("\(key).share: \(share) is not from 0 (ended) to 1") }
        if !(2...8).contains(arms.count) {
            problems.append("\(key).arms: \(arms.count) is not from 2 to 8; the first is the control")
        }
        for arm in arms {
            if !Self.isPlain(arm.name, maximum: 16) {
                problems.append(
                    "\(key).arms: the name '\(arm.name)' must be 1 to 16 small letters, digits and underscores")
            }
            if !(arm.weight > 0 && arm.weight.isFinite) {
                problems.append("\(key).arms.\(arm.name).weight: \(arm.weight) is not above 0")
            }
        }
        for (name, count) in ExperimentsSettings.counts(arms.map(\.name)) where count > 1 {
            problems.append("\(key).arms: '\(name)' is listed more than once")
        }
        return problems
    }

    private static func isPlain(_ name: String, maximum: Int) -> Bool {
        (1...maximum).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}
