import CascadeNN

/// Heads that can only follow another one, as a purchase follows a click: their probability is that of the other times
/// that of following it, and is trained over all impressions.
///
///     p(conversion) = p(click) · p(conversion | click)
///
/// Source: Ma et al. 2018, "Entire Space Multi-Task Model", arXiv 1804.07931.
struct Conversions {
    /// By head: the head that it follows, or nil.
    private let parents: [Int?]
    /// Heads so that each comes behind the one it follows.
    private let order: [Int]

    /// - Parameter parents: by name of a head, the name of the one it follows; not circular.
    /// - Throws: `ModelError.badSettings` for names that are no heads.
    init(_ parents: [String: String], heads: [String]) throws(ModelError) {
        var found = [Int?](repeating: nil, count: heads.count)
        for (head, parent) in parents.sorted(by: { $0.key < $1.key }) {
            guard let own = heads.firstIndex(of: head), let other = heads.firstIndex(of: parent) else {
                throw .badSettings([
                    "ranker.conversions: \(head) follows \(parent), but the heads are \(heads.joined(separator: ", "))"
                ])
            }
            found[own] = other
        }
        func depth(_ head: Int) -> Int { found[head].map { depth($0) + 1 } ?? 0 }
        self.parents = found
        order = heads.indices.sorted { (depth($0), $0) < (depth($1), $1) }
    }

    /// Whether heads follow each other in a circle; such cannot be made.
    static func circular(_ parents: [String: String]) -> Bool {
        parents.keys.contains { start in
            var head = start
            for _ in 0...parents.count {
                guard let next = parents[head] else { return false }
                head = next
            }
            return true
        }
    }

    /// The log odds of each head, from those of each head given the one it follows: [R × heads].
    func record(_ plan: Plan, _ logits: Value) -> Value {
        guard parents.contains(where: { $0 != nil }) else { return logits }
        var columns = parents.indices.map { plan.slice(logits, columns: $0..<($0 + 1)) }
        for head in order {
            if let parent = parents[head] { columns[head] = plan.jointLogit(columns[head], columns[parent]) }
        }
        return plan.concat(columns)
    }
}
