import CascadeCore

/// Whom the users of a generated world follow: a few creators of items of their interests.
struct WorldFollows {
    /// The most creators that a user follows.
    static let most = 5

    private let settings: WorldSettings
    /// The creators of each interest's items, sorted.
    private let creators: [[String]]

    init(_ settings: WorldSettings, items: [WorldItem]) {
        self.settings = settings
        var found = [Set<String>](repeating: [], count: settings.interests)
        for item in items { if let creator = item.item.creatorID { found[item.interest].insert(creator) } }
        creators = found.map { $0.sorted() }
    }

    /// What the users follow, in the order of `users`.
    func all(_ users: [WorldUser]) -> [UserRelation] {
        var random = WorldRandom(seed: settings.seed, part: .follows)
        return users.flatMap { follows(of: $0, &random) }
    }

    private func follows(of user: WorldUser, _ random: inout WorldRandom) -> [UserRelation] {
        var known: Set<String> = []
        var result: [UserRelation] = []
        for _ in 0..<random.within(0...Self.most) {
            let interest = user.interests[random.index(weights: user.interests.map(\.strength))].interest
            let share = random.uniform()
            guard !creators[interest].isEmpty else { continue }
            let creator = creators[interest][random.below(creators[interest].count)]
            guard known.insert(creator).inserted else { continue }
            let span = settings.end.seconds - user.arrival.seconds
            result.append(
                UserRelation(
                    userID: user.user.id, kind: .follow, target: creator,
                    since: WorldItem.wholeSecond(user.arrival.adding(seconds: share * span))))
        }
        return result
    }
}
