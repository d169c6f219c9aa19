/// What is known of a private cluster.
package struct ClusterStatus: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        /// No cluster was made yet.
        case absent
        case stopped
        /// The server runs as this process.
        case running(processID: Int32)
    }

    package let state: State
    /// The directory that holds the cluster.
    package let home: String
    /// The directory with the server's socket.
    package let socketDirectory: String
    /// Whether the server runs on when nobody uses it.
    package let isKept: Bool
}
