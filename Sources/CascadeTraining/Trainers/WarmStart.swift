import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Foundation

/// The active release as what a training goes on from: its feature map, its weights, and what they have learned already.
struct WarmStart: Sendable {
    let release: String
    let map: FeatureMap
    private let folder: ArtifactFolder
    /// Rows up to this time, in microseconds, were learned from before: up to the last that the release has read, and no later than it was
    /// made, whatever time a row may claim; less the overlap, in which feedback came late.
    let learned: Int64

    /// Reads a release.
    ///
    /// - Throws: `TrainingError.notWarm` where the settings make other models or features than the release has, or where models
    ///   are asked for that have nothing to go on from.
    init(_ release: Release, in artifacts: any ArtifactStore, _ settings: TrainingSettings) throws {
        self.release = release.id
        folder = try artifacts.open(release).folder
        let path = folder.path(ModelBundle.FileName.map)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ModelError.corruptArtifact(file: path, reason: "the file is missing or unreadable")
        }
        map = try FeatureMap.decode(data)
        learned =
            min(map.fittedUntil, release.createdAt.microseconds) - Int64(settings.warmOverlapMinutes * 60_000_000)
        if settings.ranker.teachers > 0 {
            throw TrainingError.notWarm(
                release: release.id, reason: "ranker.teachers asks for models that are not in it")
        }
        if settings.ranker.towers != .none {
            throw TrainingError.notWarm(
                release: release.id, reason: "ranker.towers asks for towers out of fold, which are not in it")
        }
        if let key = try Self.difference(release.configJSON, ReleaseRecord.json(settings)) {
            throw TrainingError.notWarm(release: release.id, reason: "it was made with another \(key)")
        }
    }

    /// Puts the weights of a file of the release into a store that was made for the same models.
    func load(_ file: String, into store: ParameterStore) throws {
        do {
            try store.load(from: folder.path(file))
        } catch {
            throw TrainingError.notWarm(release: release, reason: "\(error)")
        }
    }

    /// The first setting, such as `retrieval.dimension`, that two configurations do not share and that makes other models or features;
    /// nil for none.
    private static func difference(_ first: String, _ second: String) throws -> String? {
        // By way of the type, so that settings that came since the release are there with their defaults.
        guard let told = try? SettingsFile.decode(Data(first.utf8), over: TrainingSettings(), path: "") else {
            return "configuration"
        }
        let (left, right) = (try sections(ReleaseRecord.json(told)), try sections(second))
        return Set(left.keys).union(right.keys).sorted().first { left[$0] != right[$0] }
    }

    /// The settings that make models and features, by their paths, each as JSON.
    private static func sections(_ config: String) throws -> [String: String] {
        let whole = try JSONSerialization.jsonObject(with: Data(config.utf8)) as? [String: Any] ?? [:]
        var found: [String: String] = [:]
        for section in ["features", "retrieval", "ranker"] {
            for (key, value) in whole[section] as? [String: Any] ?? [:] where !trainingAlone.contains(key) {
                let json = try JSONSerialization.data(
                    withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
                found["\(section).\(key)"] = String(decoding: json, as: UTF8.self)
            }
        }
        return found
    }

    /// Settings that say how models are trained, and change nothing of what they are.
    private static let trainingAlone: Set<String> = [
        "epochs", "learning_rate", "batch_size", "warmup_steps", "dropout", "weight_decay", "table_decay", "clip_norm",
    ]
}

extension TrainingSettings {
    /// The settings of models that go on from others: fewer epochs, smaller steps.
    var warmed: TrainingSettings {
        var settings = self
        settings.retrieval.epochs = warmEpochs
        settings.retrieval.learningRate *= warmRate
        settings.ranker.epochs = warmEpochs
        settings.ranker.learningRate *= warmRate
        // What tables and their starts do in the first epochs is behind them.
        settings.ranker.tableEpochs = 0
        settings.ranker.tableFrozenEpochs = 0
        settings.ranker.tableRestart = false
        settings.ranker.initial = .random
        settings.retrieval.initial = .random
        return settings
    }
}
