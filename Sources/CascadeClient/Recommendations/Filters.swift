extension CascadeClient {
    /// Which items may be in a slate.
    public struct Filters: Codable, Equatable, Sendable {
        /// Only items of one of these categories, at most 100.
        public var categoriesAny: [String]?
        /// Never these items, at most 1000.
        public var excludeItemIDs: [String]?
        /// Whether what the user was shown or acted on is left out.
        public var excludeSeen: Bool?
        /// Only items created at most so many seconds ago.
        public var maxAgeSeconds: Double?

        /// Leaves to the server what is nil.
        public init(
            categoriesAny: [String]? = nil, excludeItemIDs: [String]? = nil, excludeSeen: Bool? = nil,
            maxAgeSeconds: Double? = nil
        ) {
            self.categoriesAny = categoriesAny
            self.excludeItemIDs = excludeItemIDs
            self.excludeSeen = excludeSeen
            self.maxAgeSeconds = maxAgeSeconds
        }

        private enum CodingKeys: String, CodingKey {
            case categoriesAny = "categories_any"
            case excludeItemIDs = "exclude_item_ids"
            case excludeSeen = "exclude_seen"
            case maxAgeSeconds = "max_age_seconds"
        }
    }

    /// How much alike the items of a slate may be; what is nil the configuration says.
    public struct Diversity: Codable, Equatable, Sendable {
        /// What each further item of a creator is multiplied by, 0 to 1.
        public var creatorDecay: Double?
        /// The least that such an item is multiplied by, 0 to 1.
        public var creatorFloor: Double?
        /// The most items of one creator; 0 for any number.
        public var maxPerCreator: Int?
        /// The most items of one category; 0 for any number.
        public var maxPerCategory: Int?

        /// Leaves to the configuration what is nil.
        public init(
            creatorDecay: Double? = nil, creatorFloor: Double? = nil, maxPerCreator: Int? = nil,
            maxPerCategory: Int? = nil
        ) {
            self.creatorDecay = creatorDecay
            self.creatorFloor = creatorFloor
            self.maxPerCreator = maxPerCreator
            self.maxPerCategory = maxPerCategory
        }

        private enum CodingKeys: String, CodingKey {
            case creatorDecay = "creator_decay"
            case creatorFloor = "creator_floor"
            case maxPerCreator = "max_per_creator"
            case maxPerCategory = "max_per_category"
        }
    }
}
