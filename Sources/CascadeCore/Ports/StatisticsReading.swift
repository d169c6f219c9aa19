/// Reads counts and ages of the service; what a server needs for `GET /v1/stats`.
package protocol StatisticsReading: Sendable {
    /// The statistics, a few seconds old at most; throws the error of the store.
    func statistics() async throws -> ServiceStatistics
}
