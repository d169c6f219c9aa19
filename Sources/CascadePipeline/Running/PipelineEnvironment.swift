package import CascadeCore
package import CascadeObservability
package import Logging

/// What a pipeline works with besides its settings. A port that is nil is not there, which is no error.
package struct PipelineEnvironment: Sendable {
    /// The release to serve now; nil when none is active.
    package var release: @Sendable () -> (any ReleaseView)?
    /// Where encoding, retrieval and scoring run.
    package var pool: ComputePool
    /// Reads users' attributes.
    package var users: (any UserReader)?
    /// Reads histories, seen and hidden items.
    package var histories: (any HistoryReader)?
    /// Remembers what was read of users, for several pipelines together; nil: each pipeline has one of its own.
    package var memory: UserMemory?
    /// Reads whom users follow.
    package var follows: (any FollowReader)?
    /// Reads items, for attributes and for slates without a release.
    package var items: (any ItemReader)?
    /// Tells what was hidden or deleted a moment ago.
    package var liveState: (any LiveStateReader)?
    /// Takes traces.
    package var traces: (any TraceSink)?
    /// Time.
    package var clock = PipelineClock.system
    /// Makes the identifier of a slate.
    package var identifier = TimeSortedID.recommendation
    /// Where everything is counted.
    package var metrics = MetricRegistry()
    /// Where lines about requests go.
    package var logger = Logger(label: "cascade.pipeline")
    /// How users appear in log lines.
    package var userHash = UserIDHash(salt: 0)

    package init(pool: ComputePool, release: @escaping @Sendable () -> (any ReleaseView)?) {
        self.pool = pool
        self.release = release
    }
}
