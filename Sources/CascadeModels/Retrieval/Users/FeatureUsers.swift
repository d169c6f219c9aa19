import CascadeFeatures
import CascadeNN

/// user = normalize(Σ user lookups + A · numbers): features alone, no past.
///
/// With `retrieval.user_id` and no other feature it is matrix factorization: a vector a user, of cosine length.
struct FeatureUsers: UserEncoder {
    static let name = "features"
    static let readsItems = false
    static func learnsWithoutPast(_ settings: RetrievalSettings) -> Bool { true }

    private let map: FeatureMap
    private let users: SummedEntity

    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws {
        self.map = map
        let layout = map.retrieval.users
        guard !layout.single.isEmpty || !layout.multi.isEmpty || !layout.numeric.isEmpty else {
            throw ModelError.badSettings([
                "retrieval.user_tower 'features' has nothing to read: users have no attributes; set retrieval.user_id"
            ])
        }
        users = try SummedEntity(
            store, name: "retrieval.user", layout: map.retrieval.users, table: table, numericWidth: map.numericWidth)
    }

    func record(
        _ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?, interests: InterestConditioning?
    ) -> UserTower {
        let (inputs, features) = users.record(
            plan, capacity: capacity, numericWidth: map.numericWidth, name: "contexts")
        let reading = interests?.record(plan, contexts: inputs.dimension)
        let own = reading.map { $0.output(plan, $0.input(plan, $0.withOwn(plan, features))) } ?? features
        return UserTower(vectors: plan.normalizeRows(own), steps: nil) { [users] batch, plan in
            try users.load(batch.users, into: plan, inputs)
            reading?.load(batch.contextReading, into: plan)
        }
    }
}
