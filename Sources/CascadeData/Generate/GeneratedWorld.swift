package import CascadeCore

/// A world that is made up from a seed: users with planted interests, items that belong to them, and the log of what a
/// policy of known propensities showed and what came of it.
///
/// It is there for trying Cascade where no data is at hand, and for tests: what is in the log can be learned, and how
/// well can be held against the truth.
package struct GeneratedWorld: Sendable {
    /// What the world was made by.
    package let settings: WorldSettings
    let worldUsers: [WorldUser]
    let worldItems: [WorldItem]

    /// Makes users and items; the log is made while it is read.
    package init(_ settings: WorldSettings = WorldSettings()) throws(DataError) {
        let problems = settings.problems
        guard problems.isEmpty else { throw .badSettings(problems: problems) }
        self.settings = settings
        worldUsers = WorldUser.all(settings)
        worldItems = WorldItem.all(settings)
    }

    /// All users, sorted by identifier.
    package var users: [User] { worldUsers.map(\.user) }

    /// All items, sorted by identifier.
    package var items: [Item] { worldItems.map(\.item) }

    /// The attributes of users and items.
    package static var attributeDefinitions: [AttributeDefinition] { WorldUser.definitions + WorldItem.definitions }

    /// Whom users follow, in the order of their identifiers.
    package var follows: [UserRelation] { WorldFollows(settings, items: worldItems).all(worldUsers) }

    /// The kinds of feedback.
    package static var signals: [String] { WorldLog.signals }

    /// The planted interests of each user with their strengths, which add up to 1.
    package var userInterests: [UserID: [Int: Double]] {
        Dictionary(
            uniqueKeysWithValues: worldUsers.map { user in
                (user.user.id, Dictionary(uniqueKeysWithValues: user.interests.map { ($0.interest, $0.strength) }))
            })
    }

    /// The planted interest of each item.
    package var itemInterests: [ItemID: Int] {
        Dictionary(uniqueKeysWithValues: worldItems.map { ($0.item.id, $0.interest) })
    }

    /// Gives the whole world in batches of about `rows` rows: users, items, whom users follow, then the log in the
    /// order of time.
    ///
    /// `body` says whether to go on. Takes seconds for large worlds, so not for the cooperative pool.
    package func forEachBatch(rows: Int = 20_000, _ body: (ImportBatch) throws -> Bool) rethrows {
        let size = max(1, rows)
        var batch = ImportBatch()
        func flush() throws -> Bool {
            defer { batch = ImportBatch() }
            return batch.count == 0 ? true : try body(batch)
        }
        for user in worldUsers {
            batch.users.append(user.user)
            if batch.count >= size, try !flush() { return }
        }
        for item in worldItems {
            batch.items.append(item.item)
            if batch.count >= size, try !flush() { return }
        }
        for follow in follows {
            batch.relations.append(follow)
            if batch.count >= size, try !flush() { return }
        }
        var log = WorldLog(settings, users: worldUsers, items: worldItems)
        while let slate = log.next() {
            batch.impressions += slate.impressions
            batch.events += slate.events
            if batch.count >= size, try !flush() { return }
        }
        _ = try flush()
    }

    /// Writes the whole world to `sink`.
    package func write(to sink: any ImportSink, batchRows: Int = 20_000) async throws -> ImportOutcome {
        try await sink.declare(attributes: Self.attributeDefinitions, signals: Self.signals)
        var total = ImportOutcome()
        try await BatchPump.run(name: "generate") { send in
            forEachBatch(rows: batchRows) { send($0) }
        } take: { batch in
            let outcome = try await sink.write(batch)
            total.users = total.users + outcome.users
            total.items = total.items + outcome.items
            total.impressions = total.impressions + outcome.impressions
            total.events = total.events + outcome.events
            total.relations = total.relations + outcome.relations
        }
        return total
    }
}
