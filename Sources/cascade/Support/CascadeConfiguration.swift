import CascadeConfig
import CascadeFeatures
import CascadeModels
import CascadeObservability
import CascadePipeline
import CascadeServer
import CascadeServing
import CascadeTraining
import Foundation

/// The whole configuration: one section a target, each with the defaults of its own settings.
struct CascadeConfiguration: Codable, Equatable {
    var database = DatabaseSettings()
    var data = DataSettings()
    var logging = LoggingSettings()
    var training = RunSettings()
    var features = FeatureSettings()
    var retrieval = RetrievalSettings()
    var ranker = RankerSettings()
    var interests = InterestSettings()
    var index = IndexSettings()
    var promotion = PromotionSettings()
    var serving = ServingSettings()
    var pipeline = PipelineSettings()
    var experiments = ExperimentsSettings()
    var server = ServerSettings()

    /// The database of everything.
    struct DatabaseSettings: Codable, Equatable {
        /// `postgresql://user@host:port/name`; empty: a private cluster under the data directory.
        var url = ""
        /// The server itself, where `url` leads to a proxy that shares sessions; empty: the same.
        var directURL = ""
        /// Whether statements that come again are prepared.
        var prepareStatements = true
        /// A copy that follows, for reads that may be a moment old; empty: none.
        var replicaURL = ""
        /// How far it may lag behind.
        var replicaLagMilliseconds = 5000
        var maxConnections = 16
        var statementTimeoutMilliseconds = 0
        /// Months of events and impressions that servers keep beside the present one; 0: all.
        var keepMonths = 0

        enum CodingKeys: String, CodingKey {
            case url
            case directURL = "direct_url"
            case prepareStatements = "prepare_statements"
            case replicaURL = "replica_url"
            case replicaLagMilliseconds = "replica_lag_ms"
            case maxConnections = "max_connections"
            case statementTimeoutMilliseconds = "statement_timeout_ms"
            case keepMonths = "keep_months"
        }
    }

    /// Where files are kept.
    struct DataSettings: Codable, Equatable {
        /// Holds the private cluster and the releases.
        var directory = "data"
    }

    /// What is logged, and how.
    struct LoggingSettings: Codable, Equatable {
        var level = "info"
        var format = "json"
    }

    /// What a training run takes besides the models.
    struct RunSettings: Codable, Equatable {
        /// Fixes everything that is trained.
        var seed: UInt64 = 1
        /// Threads of training; 0: all cores.
        var threads = 0
        /// Minutes after which it is kept how far training is, again and again; 0: never.
        var checkpointMinutes = 10.0
        /// Logs that are kept in files once they are read; 0: none.
        var cachedLogs = 4
        /// Epochs of each model of a training that goes on from the active release.
        var warmEpochs = 1
        /// What the learning rates of such a training are multiplied by.
        var warmRate = 0.3
        /// Minutes of what that release has read last that it learns from again.
        var warmOverlapMinutes = 60.0

        enum CodingKeys: String, CodingKey {
            case seed, threads
            case checkpointMinutes = "checkpoint_minutes"
            case cachedLogs = "cached_logs"
            case warmEpochs = "warm_epochs"
            case warmRate = "warm_rate"
            case warmOverlapMinutes = "warm_overlap_minutes"
        }
    }

    /// The settings of a training run.
    var trainingSettings: TrainingSettings {
        var settings = TrainingSettings()
        settings.features = features
        settings.retrieval = retrieval
        settings.ranker = ranker
        settings.interests = interests
        settings.index = index
        settings.promotion = promotion
        settings.seed = training.seed
        settings.threads = training.threads
        settings.checkpointMinutes = training.checkpointMinutes
        settings.warmEpochs = training.warmEpochs
        settings.warmRate = training.warmRate
        settings.warmOverlapMinutes = training.warmOverlapMinutes
        return settings
    }

    /// Everything that is wrong over all sections; empty when it can be used.
    func problems() -> [String] {
        var found = trainingSettings.problems()
        if !(0...1000).contains(training.cachedLogs) {
            found.append("training.cached_logs must be 0 (none) to 1000")
        }
        found += serving.problems()
        found += pipeline.problems().map { $0.hasPrefix("pipeline") ? $0 : "pipeline: \($0)" }
        found += experiments.problems(over: pipeline)
        found += server.problems().map { $0.hasPrefix("server") ? $0 : "server: \($0)" }
        if database.url.isEmpty, !database.directURL.isEmpty {
            found.append("database.direct_url needs database.url, which it is another way to")
        }
        if database.url.isEmpty, !database.replicaURL.isEmpty {
            found.append("database.replica_url needs database.url, which it follows")
        }
        if !(1...3_600_000).contains(database.replicaLagMilliseconds) {
            found.append("database.replica_lag_ms must be 1 to 3600000")
        }
        if !(1...1000).contains(database.maxConnections) { found.append("database.max_connections must be 1 to 1000") }
        if database.statementTimeoutMilliseconds < 0 {
            found.append("database.statement_timeout_ms must be 0 (none) or more")
        }
        if !(0...1200).contains(database.keepMonths) { found.append("database.keep_months must be 0 (all) to 1200") }
        if LogLevels.level(named: logging.level) == nil {
            found.append("logging.level must be one of \(LogLevels.names.joined(separator: ", "))")
        }
        if LogFormat(rawValue: logging.format) == nil { found.append("logging.format must be json or text") }
        if data.directory.isEmpty { found.append("data.directory must not be empty") }
        return found
    }

    /// The file that is read when none is named.
    static let defaultPath = "Config/cascade.yaml"

    /// Keys that had another path in an earlier version.
    private static let moved = [
        "index.delta_limit": "serving.delta_limit", "index.delta_poll_ms": "serving.delta_poll_ms",
        "index.recall_sample_rate": "serving.recall_sample_rate",
        "ranker.model": "ranker.interaction and ranker.structure",
    ]

    /// Variables that are named like keys of a section and are none: where the tests find data sets.
    private static let foreignVariables: Set<String> = ["CASCADE_DATA_DIR"]

    /// Reads `path` over the defaults, with `CASCADE_SECTION_KEY` of the environment before the file.
    static func load(path: String?, environment: [String: String]) throws -> CascadeConfiguration {
        let file: String
        let text: String
        if let path {
            (file, text) = (path, try StrictYAML.read(path))
        } else if FileManager.default.fileExists(atPath: defaultPath) {
            (file, text) = (defaultPath, try StrictYAML.read(defaultPath))
        } else {
            (file, text) = ("defaults", "{}")
        }
        let configuration = try StrictYAML.decode(
            over: CascadeConfiguration(), from: text, file: file, environment: environment, moved: moved,
            foreign: foreignVariables)
        let problems = configuration.problems()
        guard problems.isEmpty else {
            let set = try StrictYAML.variables(of: configuration, environment: environment)
            throw ConfigError.invalid(file: file, problems: problems.map { Self.named($0, set) })
        }
        return configuration
    }

    /// A problem with the variables of the environment that set what it speaks of, by the paths of those: the file is not to blame.
    private static func named(_ problem: String, _ variables: [String: String]) -> String {
        let words = problem.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
        let guilty = variables.filter { path, _ in
            let parts = path.split(separator: ".", maxSplits: 1)
            return words.contains { $0 == path } || words.first == parts[0] && words.contains(parts[parts.count - 1])
        }
        if guilty.isEmpty { return problem }
        return problem + " (the environment sets \(guilty.values.sorted().joined(separator: ", ")))"
    }

    /// The effective configuration as YAML, secrets masked.
    func text() throws -> String {
        var masked = self
        for url in [\DatabaseSettings.url, \.directURL, \.replicaURL] where !database[keyPath: url].isEmpty {
            masked.database[keyPath: url] = Redaction.scrubbed(database[keyPath: url])
        }
        masked.server.auth.keysSHA256 = server.auth.keysSHA256.map { _ in Redaction.mask }
        return try StrictYAML.text(of: masked)
    }

    /// The first digits of the SHA-256 of the effective configuration; it stands in log lines and releases.
    func hash() throws -> String {
        String(ArtifactFolder.sha256(of: Data(try text().utf8)).prefix(12))
    }
}
