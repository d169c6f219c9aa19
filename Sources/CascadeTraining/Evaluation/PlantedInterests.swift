package import CascadeCore
import CascadeFeatures
import CascadeModels

/// The interests that a generated world planted, to hold lists against. Only an evaluation gets them.
package struct PlantedInterests: Sendable {
    /// The interests of each user.
    package let users: [UserID: Set<Int>]
    /// The interest of each item.
    package let items: [ItemID: Int]

    package init(users: [UserID: Set<Int>], items: [ItemID: Int]) {
        self.users = users
        self.items = items
    }
}

/// How many of a user's planted interests lists reach, averaged over the evaluated users that have any.
package struct PlantedReach: Sendable, Codable, Equatable {
    /// Items of a list that are looked at.
    package static let cutoffs = [20, 100]

    /// At each of `cutoffs`: the user's interests with at least one item among the first k.
    package let reached: [Double]
    /// The same as a share of the user's interests.
    package let shares: [Double]

    /// - Parameters:
    ///   - lists: rows of items, best first, one list a user.
    ///   - interests: [users] of the same users.
    ///   - items: [items] the interest of each row; nil for one that has none.
    init(lists: [[Int32]], interests: [Set<Int>], items: [Int?]) {
        let known = zip(lists, interests).filter { !$0.1.isEmpty }
        let count = Double(max(1, known.count))
        let perUser = known.map { list, interests in
            Self.cutoffs.map { cutoff in
                let met = Set(list.prefix(cutoff).compactMap { items[Int($0)] }).intersection(interests).count
                return (count: Double(met), share: Double(met) / Double(interests.count))
            }
        }
        reached = Self.cutoffs.indices.map { cutoff in perUser.reduce(0) { $0 + $1[cutoff].count } / count }
        shares = Self.cutoffs.indices.map { cutoff in perUser.reduce(0) { $0 + $1[cutoff].share } / count }
    }
}

/// Planted interests in the rows of an evaluation.
struct PlantedRows: Sendable {
    /// [tasks]
    let tasks: [Set<Int>]
    /// [items] nil for one that the truth does not tell of.
    let items: [Int?]

    /// - Throws: `badArgument` where the truth is of another world.
    init(_ planted: PlantedInterests, _ tasks: [RetrievalTask], _ data: EvaluationData) throws {
        self.tasks = tasks.map { planted.users[data.users[$0.user].id] ?? [] }
        items = data.bundle.rows.items.map { planted.items[$0.id] }
        guard self.tasks.contains(where: { !$0.isEmpty }), items.contains(where: { $0 != nil }) else {
            throw TrainingError.badArgument(
                "the planted interests are of none of the evaluated users and items; name the truth.ndjson of the world "
                    + "that was imported")
        }
    }
}
