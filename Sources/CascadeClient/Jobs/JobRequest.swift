public import Foundation

extension CascadeClient {
    /// A job that is to be queued; made by the function that is named like its kind.
    public struct JobRequest: Codable, Equatable, Sendable {
        /// What it does.
        public var kind: JobKind
        /// What it is asked for by.
        public var params: [String: JSON]
        /// How often it may be begun, 1 to 100; nil for 3.
        public var maxAttempts: Int?

        /// A job of any kind, with parameters as `cascade jobs add` takes them.
        public init(kind: JobKind, params: [String: JSON] = [:], maxAttempts: Int? = nil) {
            self.kind = kind
            self.params = params
            self.maxAttempts = maxAttempts
        }

        private enum CodingKeys: String, CodingKey {
            case kind, params
            case maxAttempts = "max_attempts"
        }
    }
}

extension CascadeClient.JobRequest {
    /// Reads files into the database.
    ///
    /// - Parameters:
    ///   - dataset: the mapping, a file or a name.
    ///   - path: the folder with the files.
    public static func `import`(dataset: String, path: String, maxAttempts: Int? = nil) -> Self {
        Self(kind: .import, params: ["dataset": .string(dataset), "path": .string(path)], maxAttempts: maxAttempts)
    }

    /// Trains a release on what happened in a period; what is nil the configuration says.
    ///
    /// - Parameters:
    ///   - from: the begin of the period.
    ///   - until: the end of the period; what came later measures the release.
    ///   - evaluateUntil: the end of what measures it.
    ///   - seed: fixes the random choices; not negative.
    ///   - warm: whether it goes on from the active release.
    ///   - activate: whether it is served afterwards.
    public static func train(
        from: Date? = nil, until: Date? = nil, evaluateUntil: Date? = nil, seed: Int? = nil, warm: Bool? = nil,
        activate: Bool? = nil, maxAttempts: Int? = nil
    ) -> Self {
        let params = [
            "from": time(from), "until": time(until), "evaluate_until": time(evaluateUntil),
            "seed": seed.map { .integer(Int64($0)) }, "warm": warm.map { .bool($0) },
            "activate": activate.map { .bool($0) },
        ]
        return Self(kind: .train, params: params.compactMapValues { $0 }, maxAttempts: maxAttempts)
    }

    /// Makes a release of the same models over the present catalog.
    ///
    /// - Parameter activate: whether it is served afterwards; nil as configured.
    public static func indexRebuild(activate: Bool? = nil, maxAttempts: Int? = nil) -> Self {
        let params: [String: CascadeClient.JSON?] = ["activate": activate.map { .bool($0) }]
        return Self(kind: .indexRebuild, params: params.compactMapValues { $0 }, maxAttempts: maxAttempts)
    }

    /// Measures a release on what happened in a period.
    ///
    /// - Parameters:
    ///   - from: the begin of the period; nil for the end of the training data.
    ///   - until: the end of the period; nil for now.
    ///   - release: the release; nil for the active one.
    ///   - signal: the feedback that is to be foreseen.
    ///   - baselines: what it is compared with, separated by commas.
    public static func evaluate(
        from: Date? = nil, until: Date? = nil, release: String? = nil, signal: String? = nil,
        baselines: String? = nil, maxAttempts: Int? = nil
    ) -> Self {
        let params = [
            "from": time(from), "until": time(until), "release": release.map { .string($0) },
            "signal": signal.map { .string($0) }, "baselines": baselines.map { .string($0) },
        ]
        return Self(kind: .evaluate, params: params.compactMapValues { $0 }, maxAttempts: maxAttempts)
    }

    private static func time(_ date: Date?) -> CascadeClient.JSON? { date.map { .string(Times.text(of: $0)) } }
}
