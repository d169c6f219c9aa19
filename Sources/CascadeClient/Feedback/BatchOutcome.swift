extension CascadeClient {
    /// What became of the rows of a batch.
    public struct BatchOutcome: Codable, Equatable, Sendable {
        /// Rows that are new or changed, and durable.
        public var accepted: Int
        /// Rows that changed nothing.
        public var duplicates: Int
        /// Rows that were wrong, or were refused with a wrong one.
        public var rejected: Int
        /// What is wrong with them, 500 entries at most.
        public var errors: [RowError]
    }

    /// One thing that is wrong with a row.
    public struct RowError: Codable, Equatable, Sendable {
        /// The place of the row in the batch, from 0.
        public var index: Int
        /// The line of the row, from 1; only where the body has one row a line.
        public var line: Int?
        /// A JSON pointer to what is wrong.
        public var pointer: String
        /// What is wrong, such as `wrong_type`.
        public var code: String
        /// The same for people.
        public var detail: String
    }
}
