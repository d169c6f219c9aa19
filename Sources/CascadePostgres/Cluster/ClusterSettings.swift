/// What the private server is told beyond its defaults; the file is written anew at every start.
package struct ClusterSettings: Equatable, Sendable {
    var values: [(name: String, value: String)]
    /// False only for data that may be lost, in tests.
    let isDurable: Bool

    package static func == (left: Self, right: Self) -> Bool {
        left.isDurable == right.isDurable && left.values.elementsEqual(right.values, by: ==)
    }

    /// For a machine with a few cores and gigabytes: bulk loads between checkpoints, every commit on the disk.
    package static let standard = ClusterSettings(
        values: [
            ("max_connections", "100"), ("shared_buffers", "256MB"), ("work_mem", "32MB"),
            ("maintenance_work_mem", "256MB"), ("effective_cache_size", "1GB"), ("max_wal_size", "2GB"),
            ("min_wal_size", "256MB"), ("checkpoint_timeout", "15min"), ("wal_compression", "on"),
            ("random_page_cost", "1.1"),
            // Compiling a plan costs more than most of our statements.
            ("jit", "off"),
            // Parallel plans take shared memory, of which containers have 64 MB.
            ("max_parallel_workers_per_gather", "0"),
        ],
        isDurable: true)

    /// For tests: fast, small, and gone after a crash of the machine.
    package static let testing = ClusterSettings(
        values: [
            ("max_connections", "200"), ("shared_buffers", "128MB"), ("work_mem", "16MB"), ("max_wal_size", "1GB"),
            ("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off"), ("jit", "off"),
            ("max_parallel_workers_per_gather", "0"), ("autovacuum", "off"),
        ],
        isDurable: false)

    /// The configuration file for a server that listens in `socketDirectory` only.
    func file(socketDirectory: String) -> String {
        let fixed = [
            ("listen_addresses", ""), ("unix_socket_directories", socketDirectory), ("unix_socket_permissions", "0700"),
            ("port", String(LocalCluster.port)), ("timezone", "UTC"), ("log_timezone", "UTC"),
        ]
        let lines = (values + fixed).map { name, value in "\(name) = '\(value)'" }
        return "# Written by cascade at every start. Use ALTER SYSTEM for lasting changes.\n"
            + lines.joined(separator: "\n") + "\n"
    }
}
