extension CascadeClient {
    /// What a job does.
    public struct JobKind: OpenWord {
        /// The word.
        public let rawValue: String
        /// Any word, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Reads files into the database.
        public static let `import`: Self = "import"
        /// Trains a release.
        public static let train: Self = "train"
        /// Makes a release of the same models over the present catalog.
        public static let indexRebuild: Self = "index_rebuild"
        /// Measures a release.
        public static let evaluate: Self = "evaluate"

        package static let known: [Self] = [`import`, train, indexRebuild, evaluate]
    }

    /// How a job stands.
    public struct JobState: OpenWord {
        /// The word.
        public let rawValue: String
        /// Any word, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// It waits for a worker.
        public static let queued: Self = "queued"
        /// A worker does it.
        public static let running: Self = "running"
        /// It was done.
        public static let succeeded: Self = "succeeded"
        /// It was begun as often as it may be, and failed.
        public static let failed: Self = "failed"
        /// It was given up.
        public static let cancelled: Self = "cancelled"

        package static let known: [Self] = [queued, running, succeeded, failed, cancelled]
    }
}
