package import CascadeFeatures
package import CascadeNN

/// The ranker: a context and an item to the logit of each head, and to the outputs of each value head.
///
///     e_i    = item features            u = user features, hour and weekday where times are read
///     h      = history(e_i ; steps of the past)
///     x₀     = [e_i ; u ; h ; C · counters ; what the towers of the retrieval model tell]
///     logits = tasks(interaction and deep networks over x₀, as the structure says), and outputs of value heads beside them
///
/// It is recorded in three parts, so that serving can run each as often as it must: what depends on items alone, what
/// depends on the context alone (once a request), and the rows that bring both together. Training records all three in
/// one plan; the numbers are the same.
package struct RankingModel: Sendable {
    private let settings: RankerSettings
    private let map: FeatureMap
    private let users: ConcatenatedEntity
    /// Columns of the fields of a context's time.
    private let clockFields: [Int]
    private let items: ConcatenatedEntity
    private let history: (any HistoryEncoder)?
    private let counters: NumberColumns?
    /// What rows are told of the retrieval model.
    package let towers: TowerFields
    private let interaction: (any Interaction)?
    private let trunk: RankerTrunk
    private let conversions: Conversions
    private let position: PositionLogits?
    private let contrast: ItemContrast?
    /// What training makes small.
    package let loss: any RankerLoss
    /// What becomes of logits and of what value heads give.
    package let outputs: RankerOutputs

    /// The table of all features.
    package static let tableName = "ranker.unified"
    /// What its numbers start within.
    private static let tableSpread: Float = 0.05
    /// The deviation that this is.
    package static let tableDeviation = tableSpread / Float(3).squareRoot()

    /// Declares the model that `settings` describe in `store`.
    ///
    /// - Throws: `ModelError.badSettings` or, for a map without heads, `.noHeads`.
    package init(settings: RankerSettings, map: FeatureMap, store: ParameterStore) throws {
        let problems =
            settings.problems() + settings.problems(readsTimes: map.ranker.times != nil)
            + settings.problems(values: map.valueHeads)
        guard problems.isEmpty else { throw ModelError.badSettings(problems) }
        guard !map.heads.isEmpty else { throw ModelError.noHeads }
        self.settings = settings
        self.map = map
        let space = map.ranker
        let table = try store.table(
            Self.tableName, rows: space.table.rows, dimension: space.table.dimension, .uniform(Self.tableSpread))
        func entity(_ name: String, _ layout: EntityLayout) throws -> ConcatenatedEntity {
            try ConcatenatedEntity(
                store, name: name, layout: layout, table: table, numericWidth: map.numericWidth, settings: settings)
        }
        users = try entity("ranker.user", space.users)
        items = try entity("ranker.item", space.items)
        clockFields = space.times.map { [Int](repeating: $0.lookups * table.dimension, count: 2) } ?? []
        history = try HistoryEncoders.make(
            store,
            shape: HistoryShape(
                itemWidth: items.width, codes: map.historyCodes, length: space.historyLength,
                readsTimes: space.times != nil),
            settings: settings)
        counters = try NumberColumns(
            store, name: "ranker.counters", numbers: map.counterLayout.columns, encoded: map.numericWidth,
            settings: settings)
        towers = TowerFields(form: settings.towers, dimension: map.retrieval.table.dimension)
        let fields = FieldLayout(
            widths: items.fields + users.fields + clockFields + [history?.width, counters?.width].compactMap(\.self)
                + towers.widths)
        interaction = try Interactions.make(store, name: "ranker.cross", fields: fields, settings: settings)
        loss = try RankerLosses.make(store, heads: map.heads.count, settings: settings)
        conversions = try Conversions(settings.conversions, heads: map.heads)
        outputs = RankerOutputs(heads: map.heads.count, forms: map.valueHeads.map(ValueForms.make))
        let values = outputs.forms.map(\.columns)
        trunk = try RankerTrunk(
            store, input: fields.width, interaction: interaction?.width,
            heads: HeadShape(logits: loss.joinsTargets ? 1 : map.heads.count, values: values), settings: settings)
        position =
            settings.debiasPosition
            ? try PositionLogits(store, heads: HeadShape(logits: map.heads.count, values: values)) : nil
        contrast = settings.corruption > 0 ? try ItemContrast(store, items: items, settings: settings) : nil
    }

    /// The columns of each feature of a recorded item: categories, then each number, then the content vectors.
    package var itemFeatures: [Range<Int>] { items.features }

    /// Records the item part for at most `capacity` distinct items.
    package func recordItems(_ plan: Plan, capacity: Int) -> RankerItems {
        let inputs = EntityInputs(
            plan, layout: items.layout, numericWidth: map.numericWidth, capacity: capacity, name: "items")
        return RankerItems(inputs: inputs, vectors: items.record(plan, inputs))
    }

    /// Columns of what `recordItemParts` records.
    var itemPartWidth: Int { items.width + (history?.questionWidth ?? 0) }

    /// Records all that rows need of items by themselves: their vectors, and behind them what they ask of a past.
    func recordItemParts(_ plan: Plan, capacity: Int) -> (items: RankerItems, parts: Value) {
        let items = recordItems(plan, capacity: capacity)
        guard let history, history.questionWidth > 0 else { return (items, items.vectors) }
        return (items, plan.concat([items.vectors, history.recordQuestions(plan, items.vectors)]))
    }

    /// Records an item part that was computed elsewhere: its values are an input.
    func recordItemInputs(_ plan: Plan, capacity: Int) -> (items: RankerItems, parts: Value) {
        let parts = plan.input(
            plan.dimension("items", capacity: capacity), columns: itemPartWidth, name: "items.parts")
        let width = items.width
        guard width < itemPartWidth else { return (RankerItems(inputs: nil, vectors: parts), parts) }
        let items = RankerItems(
            inputs: nil, vectors: plan.slice(parts, columns: 0..<width),
            questions: plan.slice(parts, columns: width..<itemPartWidth))
        return (items, parts)
    }

    /// Records the context part for at most `capacity` contexts whose steps point into `items`.
    package func recordContexts(_ plan: Plan, items: RankerItems, capacity: Int) -> RankerContexts {
        let inputs = EntityInputs(
            plan, layout: users.layout, numericWidth: map.numericWidth, capacity: capacity, name: "users")
        let steps = StepInputs(plan, contexts: inputs.dimension, capacity: capacity, map: map)
        let recorded = history?.recordSteps(plan, steps.of(items.vectors)) ?? []
        let clock = map.ranker.times.map {
            plan.indices(inputs.dimension, width: 2 * $0.lookups, name: "context.clock")
        }
        let own = users.record(plan, inputs)
        return RankerContexts(
            users: inputs, inputs: steps, clock: clock, offsets: steps.offsets,
            vectors: clock.map { plan.concat([own, plan.gather(users.table, $0)]) } ?? own, steps: recorded)
    }

    /// Records a context part that was computed elsewhere: its values are inputs.
    package func recordContextInputs(_ plan: Plan, capacity: Int) -> RankerContexts {
        let contexts = plan.dimension("contexts", capacity: capacity)
        let steps = plan.dimension("steps", capacity: capacity * map.ranker.historyLength)
        return RankerContexts(
            users: nil, inputs: nil, clock: nil,
            offsets: plan.offsets(
                segments: contexts, of: steps, maximumLength: map.ranker.historyLength, name: "history"),
            vectors: plan.input(contexts, columns: contextWidth, name: "context.vectors"),
            steps: (history?.stepWidths ?? []).enumerated().map {
                plan.input(steps, columns: $1, name: "context.steps.\($0)")
            })
    }

    /// Records, in the plan `once`, the one context that all rows of a pass share; its values are inputs.
    func recordSharedContext(_ factoring: Factoring) -> SharedContext {
        SharedContext(
            factoring: factoring,
            vector: factoring.once.input(factoring.once.fixed(1), columns: contextWidth, name: "context.vectors"))
    }

    /// Columns of a context.
    private var contextWidth: Int { users.width + clockFields.reduce(0, +) }

    /// How the trained model in `store` makes columns of plain counters; nil where they must be encoded first.
    func counterTables(_ store: ParameterStore) throws -> PieceTables? {
        try counters?.tables(map.counterBins, store)
    }

    /// Records the rows for at most `capacity` rows.
    ///
    /// - Parameters:
    ///   - shared: where there is one context only and its part of the rows is computed once; `plan` is then the plan of
    ///     rows of its factoring.
    ///   - tables: those of `counterTables`; rows are then given their counters as plain numbers.
    package func recordRows(
        _ plan: Plan, contexts: RankerContexts, items: RankerItems, capacity: Int, shared: SharedContext? = nil,
        tables: PieceTables? = nil
    ) -> RankerRows {
        let rows = plan.dimension("rows", capacity: capacity)
        let context = plan.indices(rows, name: "row.context")
        let item = plan.indices(rows, name: "row.item")
        let candidate = plan.take(items.vectors, item)
        let unrolled = history.flatMap { history in
            history.unrolling == .none
                ? nil
                : UnrolledSteps(
                    plan, rows: rows, capacity: capacity, longest: map.ranker.historyLength,
                    unrolling: history.unrolling, newest: history.newest, readsTimes: map.ranker.times != nil)
        }
        let past = history.map { history in
            history.recordRows(
                plan,
                HistoryRows(
                    candidates: candidate,
                    questions: items.questions.map { plan.take($0, item) } ?? history.recordQuestions(plan, candidate),
                    steps: contexts.steps, offsets: contexts.offsets, context: context,
                    unrolled: unrolled))
        }
        let numbers = counters.map { _ in
            plan.input(
                rows, columns: map.counterLayout.columns * (tables == nil ? map.numericWidth : 1),
                name: "row.counters")
        }
        var meeting = [past].compactMap(\.self)
        if let numbers, let counters {
            meeting.append(tables.map { counters.record(plan, raw: numbers, $0) } ?? counters.record(plan, numbers))
        }
        let told = towers.width > 0 ? plan.input(rows, columns: towers.width, name: "row.towers") : nil
        if let told { meeting.append(told) }
        let input =
            if let shared {
                FactoredRows(shared.factoring, before: [candidate], shared: shared.vector, after: meeting)
            } else {
                FactoredRows(plan, plan.concat([candidate, plan.take(contexts.vectors, context)] + meeting))
            }
        let own = trunk.record(input, interaction: interaction.map { $0.record(input) })
        let logits =
            loss.joinsTargets ? plan.concat(map.heads.map { _ in own.heads }) : conversions.record(plan, own.heads)
        return RankerRows(
            rows: rows, context: context, item: item, unrolled: unrolled, counters: numbers, towers: told,
            logits: logits,
            taught: own.taught.map { conversions.record(plan, $0) }, values: own.values)
    }

    /// Records what positions add to the logits of `rows` in training; nil where the settings do not ask for it.
    package func recordPositions(_ plan: Plan, _ rows: RankerRows) -> RankerPositions? {
        position?.record(plan, rows.rows)
    }

    /// Records the contrast of views of at most `capacity` of `items`; nil where the settings do not ask for it.
    package func recordContrast(_ plan: Plan, items: RankerItems, capacity: Int) -> RankerContrast? {
        contrast?.record(plan, items.vectors, capacity: capacity)
    }
}
