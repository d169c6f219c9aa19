extension CascadeClient {
    /// The stages and components that make a slate.
    public struct Pipeline: Codable, Equatable, Sendable {
        /// How many items a slate has.
        public struct ResultSize: Codable, Equatable, Sendable {
            /// Where the request says nothing.
            public var `default`: Int
            /// The most that a request may ask for.
            public var max: Int
        }

        /// One step on the way to a slate.
        public struct Stage: Codable, Equatable, Sendable {
            /// The name of the stage.
            public var stage: String
            /// What runs in it.
            public var components: [Component]
        }

        /// A part of a stage.
        public struct Component: Codable, Equatable, Sendable {
            /// The name of the component.
            public var name: String
            /// Whether it runs.
            public var enabled: Bool
            /// What it is set to, by name.
            public var parameters: [String: String]
        }

        /// The name of the pipeline.
        public var pipeline: String
        /// How many items a slate has.
        public var resultSize: ResultSize
        /// Milliseconds that a slate may take.
        public var timeoutMS: Int
        /// The stages in the order in which they run.
        public var stages: [Stage]

        private enum CodingKeys: String, CodingKey {
            case pipeline, stages
            case resultSize = "result_size"
            case timeoutMS = "timeout_ms"
        }
    }
}
