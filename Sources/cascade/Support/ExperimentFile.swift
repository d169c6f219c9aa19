import CascadeConfig
import CascadeCore
import CascadeTraining
import CascadeFeatures
import CascadeModels

/// The YAML of `cascade experiment`: what is compared, over settings that all runs share, over the configuration.
///
///     name: beauty-towers
///     part: validation                 # or test: then every reading is logged
///     data: {until: 2014-06-30T23:58:30Z, evaluate_until: 2014-06-30T23:59:30Z, signal: review}
///     seeds: [1, 2, 3]
///     metrics: [recall@10, ndcg@10]    # of the two towers; other figures by their full name
///     baselines: quick
///     evaluate_every: 5
///     settings: {retrieval: {epochs: 20}}
///     runs:
///       - name: pooled
///       - {name: attention, settings: {retrieval: {user_tower: attention}}}
struct ExperimentFile {
    private struct Head: Codable {
        var name = ""
        var part = Experiment.Part.validation
        var data = DataPart()
        var seeds: [UInt64] = [1]
        var metrics = ["recall@10", "recall@50", "recall@100", "ndcg@10"]
        var baselines = "quick"
        var evaluateEvery = 0
        var hiddenItems = HiddenItems()
        var candidates = 400

        enum CodingKeys: String, CodingKey {
            case name
            case part
            case data
            case seeds
            case metrics
            case baselines
            case evaluateEvery = "evaluate_every"
            case hiddenItems = "hidden_items"
            case candidates
        }
    }

    private struct DataPart: Codable {
        var from = ""
        var until = ""
        var evaluateUntil = ""
        var signal = ""
        /// Of each user's interactions before `until`, held out in place of what comes after; 0: none.
        var lastShare = 0.0
        /// Whose retrieval is measured.
        var users = MeasuredUsers.all
        /// Where the truth of the generated world is; empty: nowhere.
        var planted = ""

        enum CodingKeys: String, CodingKey {
            case from
            case until
            case evaluateUntil = "evaluate_until"
            case signal
            case lastShare = "last_share"
            case users
            case planted
        }
    }

    private struct RunHead: Codable {
        var name = ""
    }

    /// What a run can set.
    private struct Settings: Codable {
        var features: FeatureSettings
        var retrieval: RetrievalSettings
        var ranker: RankerSettings
        var interests: InterestSettings
    }

    /// Reads the file over the configuration; every problem of it at once.
    static func load(_ path: String, over configuration: CascadeConfiguration) throws -> Experiment {
        let file = try YAMLPart(path: path)
        let head = try file.without("settings", "runs").decode(over: Head())
        var base = Settings(
            features: configuration.features, retrieval: configuration.retrieval, ranker: configuration.ranker,
            interests: configuration.interests)
        if let shared = file.part("settings") { base = try shared.decode(over: base) }
        let variants = try file.list("runs").map { run in
            let name = try run.without("settings").decode(over: RunHead()).name
            let own = try run.part("settings").map { try $0.decode(over: base) } ?? base
            var settings = configuration.trainingSettings
            (settings.features, settings.retrieval) = (own.features, own.retrieval)
            (settings.ranker, settings.interests) = (own.ranker, own.interests)
            return Experiment.Variant(name: name, settings: settings)
        }
        var experiment = Experiment(
            name: head.name, part: head.part,
            period: Period(
                from: try time(head.data.from, "data.from", path), until: try time(head.data.until, "data.until", path)),
            evaluateUntil: try time(head.data.evaluateUntil, "data.evaluate_until", path),
            signal: head.data.signal.isEmpty ? nil : head.data.signal, seeds: head.seeds,
            baselines: try Baseline.parse(head.baselines),
            metrics: head.metrics.map { $0.contains(".") ? $0 : "retrieval.two_tower.\($0)" },
            evaluateEvery: head.evaluateEvery, variants: variants)
        experiment.lastShare = head.data.lastShare
        experiment.measured = head.data.users
        experiment.hidden = head.hiddenItems
        experiment.candidates = head.candidates
        experiment.planted = head.data.planted.isEmpty ? nil : head.data.planted
        var problems = experiment.problems()
        if head.name.isEmpty || head.name.contains("/") || head.name.hasPrefix(".") {
            problems.insert("name: give the experiment a name that can be a folder's", at: 0)
        }
        if variants.contains(where: { $0.name.isEmpty }) { problems.append("runs: each needs a name") }
        guard problems.isEmpty else { throw ConfigError.invalid(file: path, problems: problems) }
        return experiment
    }

    private static func time(_ text: String, _ key: String, _ path: String) throws -> Timestamp? {
        guard !text.isEmpty else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw ConfigError.invalid(
                file: path, problems: ["\(key): write a time as 2022-04-25 or 2022-04-25T12:00:00Z, not '\(text)'"])
        }
        return time
    }
}
