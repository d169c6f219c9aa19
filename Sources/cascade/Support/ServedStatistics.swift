import CascadeCore

/// The statistics of a running server, read anew after a few seconds at the earliest and by one request at a time, so that
/// whoever asks often costs the database little.
actor ServedStatistics: StatisticsReading {
    /// Tables with more rows are estimated: to count so many takes milliseconds.
    static let countedRows = 100_000

    private let lifetime: Duration
    private let read: @Sendable () async throws -> ServiceStatistics
    private var last: (value: ServiceStatistics, at: ContinuousClock.Instant)?
    private var reading: Task<ServiceStatistics, any Error>?

    init(lifetime: Duration = .seconds(5), read: @escaping @Sendable () async throws -> ServiceStatistics) {
        self.lifetime = lifetime
        self.read = read
    }

    func statistics() async throws -> ServiceStatistics {
        if let last, last.at.duration(to: .now) < lifetime { return last.value }
        if let reading { return try await reading.value }
        // Of its own: the request that began it may be given up while others wait for it.
        let task = Task { try await read() }
        reading = task
        defer { reading = nil }
        let value = try await task.value
        last = (value, .now)
        return value
    }
}
