package import CascadeFeatures
package import CascadeNN

/// Unified embeddings, piecewise linear numbers, attention of the candidate over the past, DCN-v2 and a deep network.
///
///     e_i    = item features                          u = user features
///     k_s    = K [e_{item(s)}] + K_code + K_age       v_s likewise      (steps s of the past)
///     a      = attention(Q e_i ; k, v)
///     x₀     = [e_i ; u ; a ; C · counters]
///     logits = deep(cross(x₀))
package struct DCNRanker: RankingModel {
    package static let name = "dcn"

    private let settings: RankerSettings
    private let map: FeatureMap
    private let users: ConcatenatedEntity
    private let items: ConcatenatedEntity
    private let userWidth: Int
    private let itemWidth: Int
    private let attention: HistoryAttention
    private let counterWeight: Parameter?
    private let counterBias: Parameter?
    private let cross: CrossNetwork
    private let deep: DeepNetwork

    package init(settings: RankerSettings, map: FeatureMap, store: ParameterStore) throws {
        self.settings = settings
        self.map = map
        let space = map.ranker
        let table = try store.table(
            "ranker.unified", rows: space.table.rows, dimension: space.table.dimension, .uniform(0.05))
        let m = settings.numericWidth
        users = try ConcatenatedEntity(
            store, name: "ranker.user", layout: space.users, table: table, numericWidth: map.numericWidth, embedding: m)
        items = try ConcatenatedEntity(
            store, name: "ranker.item", layout: space.items, table: table, numericWidth: map.numericWidth, embedding: m)
        userWidth = users.width
        itemWidth = items.width
        attention = try HistoryAttention(
            store, itemWidth: itemWidth, width: settings.historyWidth, heads: settings.historyHeads,
            codes: map.historyCodes, length: map.ranker.historyLength)
        let columns = map.counterLayout.columns
        if columns > 0 {
            counterWeight = try store.parameter(
                "ranker.counters.weight", rows: columns * map.numericWidth, columns: m, .normal(0.1))
            counterBias = try store.parameter("ranker.counters.bias", rows: 1, columns: columns * m, .zeros)
        } else {
            counterWeight = nil
            counterBias = nil
        }
        let width = itemWidth + userWidth + settings.historyWidth + columns * m
        cross = try CrossNetwork(
            store, name: "ranker.cross", width: width, layers: settings.crossLayers, rank: settings.crossRank)
        deep = try DeepNetwork(
            store, name: "ranker.deep", input: width, widths: settings.deep, outputs: map.heads.count,
            dropout: settings.dropout)
    }

    package func recordItems(_ plan: Plan, capacity: Int) -> RankerItems {
        let inputs = EntityInputs(
            plan, layout: items.layout, numericWidth: map.numericWidth, capacity: capacity, name: "items")
        return RankerItems(inputs: inputs, vectors: items.record(plan, inputs))
    }

    package func recordContexts(_ plan: Plan, items: RankerItems, capacity: Int) -> RankerContexts {
        let inputs = EntityInputs(
            plan, layout: users.layout, numericWidth: map.numericWidth, capacity: capacity, name: "users")
        let steps = plan.dimension("steps", capacity: capacity * map.ranker.historyLength)
        let item = plan.indices(steps, name: "history.item")
        let code = plan.indices(steps, name: "history.code")
        let age = plan.indices(steps, name: "history.age")
        let offsets = plan.offsets(
            segments: inputs.dimension, of: steps, maximumLength: map.ranker.historyLength, name: "history")
        let (keys, values) = attention.recordSteps(plan, items: items.vectors, item: item, code: code, age: age)
        return RankerContexts(
            users: inputs, historyItem: item, historyCode: code, historyAge: age, offsets: offsets,
            vectors: users.record(plan, inputs), keys: keys, values: values)
    }

    package func recordContextInputs(_ plan: Plan, capacity: Int) -> RankerContexts {
        let contexts = plan.dimension("contexts", capacity: capacity)
        let steps = plan.dimension("steps", capacity: capacity * map.ranker.historyLength)
        return RankerContexts(
            users: nil, historyItem: nil, historyCode: nil, historyAge: nil,
            offsets: plan.offsets(
                segments: contexts, of: steps, maximumLength: map.ranker.historyLength, name: "history"),
            vectors: plan.input(contexts, columns: userWidth, name: "context.vectors"),
            keys: plan.input(steps, columns: settings.historyWidth, name: "context.keys"),
            values: plan.input(steps, columns: settings.historyWidth, name: "context.values"))
    }

    package func recordRows(
        _ plan: Plan, contexts: RankerContexts, items: RankerItems, capacity: Int
    ) -> RankerRows {
        let rows = plan.dimension("rows", capacity: capacity)
        let context = plan.indices(rows, name: "row.context")
        let item = plan.indices(rows, name: "row.item")
        let candidate = plan.take(items.vectors, item)
        let attended = attention.recordRows(
            plan, candidates: candidate, keys: contexts.keys, values: contexts.values, offsets: contexts.offsets,
            context: context)
        var parts = [candidate, plan.take(contexts.vectors, context), attended]
        var counters: Value?
        if let counterWeight, let counterBias {
            let columns = map.counterLayout.columns
            let input = plan.input(rows, columns: columns * map.numericWidth, name: "row.counters")
            parts.append(
                plan.groupedLinear(
                    input, groups: columns, weight: plan.parameter(counterWeight),
                    bias: plan.parameter(counterBias)))
            counters = input
        }
        let logits = deep.record(plan, cross.record(plan, plan.concat(parts)))
        return RankerRows(dimension: rows, context: context, item: item, counters: counters, logits: logits)
    }
}
