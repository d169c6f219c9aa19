/// What kind of model a version is.
package enum ModelKind: String, Sendable, Codable, CaseIterable {
    case retrieval, ranker
}

/// The state of a release.
package enum ReleaseState: String, Sendable, Codable {
    /// A training works on it; nothing of it can be served.
    case training
    case ready, active, retired
    /// Its training came to nothing.
    case failed
    /// Its artifacts were deleted to make room.
    case removed
}

/// One trained model as the database knows it.
package struct ModelVersion: Sendable, Hashable {
    package var id: String
    package var kind: ModelKind
    package var createdAt: Timestamp
    /// JSON of the configuration it was trained with.
    package var configJSON: String
    package var seed: UInt64
    /// JSON object of metric names and values.
    package var metricsJSON: String
    package var dataPeriod: Period
    package var parentID: String?
    /// SHA-256 of its weights, in hexadecimal digits.
    package var checksum: String
    /// The program that trained it; nil where nobody said it.
    package var codeVersion: String?
    /// The model whose weights its training went on from; nil for none.
    package var warmFrom: String?

    package init(
        id: String, kind: ModelKind, createdAt: Timestamp, configJSON: String, seed: UInt64, metricsJSON: String,
        dataPeriod: Period, parentID: String?, checksum: String, codeVersion: String? = nil, warmFrom: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.createdAt = createdAt
        self.configJSON = configJSON
        self.seed = seed
        self.metricsJSON = metricsJSON
        self.dataPeriod = dataPeriod
        self.parentID = parentID
        self.checksum = checksum
        self.codeVersion = codeVersion
        self.warmFrom = warmFrom
    }
}

/// Models, index and feature map as one unit: what is served.
package struct Release: Sendable, Hashable {
    package var id: String
    package var state: ReleaseState
    package var createdAt: Timestamp
    package var activatedAt: Timestamp?
    package var retrievalModelID: String
    package var rankerModelID: String?
    /// The folder of the artifacts, relative to the release directory.
    package var path: String
    /// SHA-256 of the manifest, which holds the SHA-256 of every other file.
    package var manifestChecksum: String
    package var configJSON: String
    package var metricsJSON: String
    /// Candidates that a search keeps, where it was tuned after the build; nil: what the index was built with.
    package var efSearch: Int?
    /// What is counted over windows of time while the release is served; nil for nothing.
    package var windows: WindowedCounters?
    /// The share of the requests that are scored with it beside the active one, above 0 and at most 1; nil for none. One release
    /// has it at most, never the active one.
    package var shadowShare: Double?
    /// What heads count for, where it was said since the servers started; only the active and the shadow release are read with it.
    package var headFactors: HeadFactors?

    package init(
        id: String, state: ReleaseState, createdAt: Timestamp, activatedAt: Timestamp?, retrievalModelID: String,
        rankerModelID: String?, path: String, manifestChecksum: String, configJSON: String, metricsJSON: String,
        efSearch: Int? = nil, windows: WindowedCounters? = nil, shadowShare: Double? = nil,
        headFactors: HeadFactors? = nil
    ) {
        self.id = id
        self.state = state
        self.createdAt = createdAt
        self.activatedAt = activatedAt
        self.retrievalModelID = retrievalModelID
        self.rankerModelID = rankerModelID
        self.path = path
        self.manifestChecksum = manifestChecksum
        self.configJSON = configJSON
        self.metricsJSON = metricsJSON
        self.efSearch = efSearch
        self.windows = windows
        self.shadowShare = shadowShare
        self.headFactors = headFactors
    }
}

/// Model versions and releases as they are kept; exactly one release is active, by a constraint of the database.
package protocol ReleaseStore: Sendable {
    /// Registers a release with its models in one transaction; its state is `ready`. The training of its name, where one was
    /// announced, has ended with it.
    ///
    /// - Parameter report: JSON of how it was trained and measured, for pictures; nil for nothing.
    func register(_ release: Release, models: [ModelVersion], report: String?) async throws
    /// All releases, newest first.
    func releases() async throws -> [Release]
    /// The release, or nil when there is none of that id.
    func release(_ id: String) async throws -> Release?
    /// JSON of how a release was trained and measured; nil where nothing of it is kept.
    func report(of id: String) async throws -> String?
    /// The active release with what heads count for, or nil before the first.
    func activeRelease() async throws -> Release?
    /// The release that is scored beside the active one, with what heads count for, or nil where none is.
    func shadowRelease() async throws -> Release?
    /// Makes a release the active one in one transaction and tells all servers; the former one is retired.
    func activate(_ id: String) async throws
    /// Activates the release that was active before the present one; returns it, or nil when there is none.
    func rollback() async throws -> Release?
    /// The model version, or nil when there is none of that id.
    func modelVersion(_ id: String) async throws -> ModelVersion?
    /// Yields whenever the active release, the one beside it, or what heads count for, may have changed (by notification, and by polling behind it).
    func activations() -> AsyncStream<Void>
}

extension ReleaseStore {
    package func register(_ release: Release, models: [ModelVersion]) async throws {
        try await register(release, models: models, report: nil)
    }
}
