package import CascadeCore
package import CascadeFeatures
package import CascadeNN

/// A context as the ranker computed it once for a request.
package struct RankerContext: Sendable {
    /// [context width].
    let vector: [Float]
    /// [count × …] what the history encoder computed of the steps.
    let steps: [[Float]]
    /// Steps of the past.
    let count: Int
    /// [count] seconds from each step to the moment of the request; empty where no times are read.
    let seconds: [Int32]
    /// [d] the user's vector of the retrieval model; empty where the ranker is not told of it.
    let tower: [Float]

    /// What the rows of this context share.
    let products = ContextProducts()

    var historyOffsets: [Int32] { [0, Int32(count)] }
}

/// A trained ranker in use: contexts and catalog rows to what its heads give, from any thread.
package final class RankerInference: Sendable {
    /// The heads, then the value heads.
    package let heads: [String]
    private let outputs: RankerOutputs
    private let contexts: WorkspacePool<ContextWorkspace>
    private let rows: WorkspacePool<RankerRowWorkspace>
    /// Of rows that share the products of their context, and what makes these products.
    private let sharingRows: WorkspacePool<RankerRowWorkspace>
    private let products: WorkspacePool<SharedContext>
    /// Rows of a context from which on its products are made.
    private let sharingFrom: Int
    private let fields: TowerFields
    /// What items' vectors come from; nil where the ranker is told of none.
    private let towers: RetrievalInference?

    /// Rows that are scored at a time; between such chunks a request that nobody waits for is given up.
    package static let chunk = 128

    private struct ContextWorkspace {
        let plan: Plan
        let items: RankerItems
        let contexts: RankerContexts
        let assembler: BatchAssembler
    }

    private let itemParts: RankerItemParts

    /// Bytes of what is kept of the items of the catalog; 0 where it is computed in each request.
    package var itemBytes: Int { itemParts.bytes }

    /// The weights in `store` must not change from here on: items' parts and matrices are copies.
    ///
    /// - Parameters:
    ///   - catalog: the encoded items of the release, in row order.
    ///   - retrieval: the retrieval model of the release, of which the ranker may be told; without one it reads zeros.
    ///   - sharingFrom: rows of a call from which on a context's products are made; nil: from which on that pays, and always
    ///     where products are not in float32.
    package init(
        model: RankingModel, map: FeatureMap, store: ParameterStore, catalog: EncodedEntities,
        retrieval: RetrievalInference? = nil, options: InferenceOptions = InferenceOptions(), sharingFrom: Int? = nil
    ) throws {
        heads = map.outputs
        outputs = model.outputs
        fields = model.towers
        towers = fields.width > 0 ? retrieval : nil
        itemParts = try RankerItemParts(
            model: model, map: map, store: store, catalog: catalog, chunk: Self.chunk, budget: options.itemBytes)
        let packing = WeightPacking(options.products)
        contexts = WorkspacePool {
            let plan = Plan(store: store, mode: .inference, packing: packing)
            let items = model.recordItems(plan, capacity: map.ranker.historyLength)
            let contexts = model.recordContexts(plan, items: items, capacity: 1)
            for value in [contexts.vectors] + contexts.steps { plan.keep(value) }
            try plan.seal()
            return ContextWorkspace(
                plan: plan, items: items, contexts: contexts,
                assembler: BatchAssembler(map: map, space: map.ranker, items: catalog))
        }
        let tables = try model.counterTables(store)
        rows = WorkspacePool {
            let rows = RankerRowWorkspace(model, map, store, packing: packing, shared: false, tables: tables)
            try rows.plan.seal()
            return rows
        }
        sharingRows = WorkspacePool {
            let rows = RankerRowWorkspace(model, map, store, packing: packing, shared: true, tables: tables)
            try rows.plan.seal()
            return rows
        }
        products = WorkspacePool {
            guard
                let shared = RankerRowWorkspace(model, map, store, packing: packing, shared: true, tables: tables)
                    .shared
            else {
                throw NNError.plan("rows that share a context were recorded without one")
            }
            try shared.factoring.once.seal()
            return shared
        }
        let recorded = RankerRowWorkspace(model, map, store, packing: packing, shared: true, tables: tables)
        let worthwhile = recorded.shared?.factoring.worthwhileRows ?? .max
        // Rounded numbers differ between the two ways, and a score must not depend on how many are asked for.
        let always = options.products != .float32 && worthwhile < .max
        self.sharingFrom = sharingFrom ?? (always ? 1 : worthwhile)
    }

    /// Whether rows are told of the retrieval model's vectors.
    package var readsTowers: Bool { fields.width > 0 }

    /// Computes the part of a context; `users` row `row` is the encoded user, `later` holds items behind the catalog.
    ///
    /// - Parameters:
    ///   - moment: when the request is made.
    ///   - tower: the user's vector of the retrieval model (`ModelBundle.tower`); empty reads zeros. Not looked at where the
    ///     ranker is told of none.
    package func context(
        users: EncodedEntities, row: Int, history: HistorySlice, at moment: Timestamp, later: LaterItems? = nil,
        tower: [Float] = []
    ) throws -> RankerContext {
        try contexts.lend { workspace in
            workspace.assembler.extend(by: later?.ranker)
            workspace.assembler.addContext(users: users, row: row, history: history, at: moment)
            let batch = workspace.assembler.batch
            try workspace.items.load(batch, into: workspace.plan)
            try workspace.contexts.load(batch, into: workspace.plan)
            try workspace.plan.forward()
            return RankerContext(
                vector: workspace.plan.values(of: workspace.contexts.vectors),
                steps: workspace.contexts.steps.map { workspace.plan.values(of: $0) }, count: batch.steps,
                seconds: batch.historySeconds, tower: readsTowers ? tower : [])
        }
    }

    /// The probability of each head, then the value of each value head, for catalog rows: [items × heads].
    ///
    /// - Parameters:
    ///   - later: items behind the catalog that `items` may name.
    ///   - counters: writes the `CounterLayout.columns` numbers of an item for this context.
    ///   - check: is called before each chunk and throws to give up.
    package func probabilities(
        context: RankerContext, items: [Int32], later: LaterItems? = nil, columns: Int,
        counters: (Int32, UnsafeMutablePointer<Float>) -> Void, check: () throws -> Void
    ) throws -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(items.count * heads.count)
        try check()
        try makeProducts(of: context, forRows: items.count)
        let shared = context.products.made
        try (shared == nil ? rows : sharingRows).lend { workspace in
            try workspace.contexts.load(context, into: workspace.plan)
            if let shared { try workspace.shared?.factoring.take(shared) }
            var numbers = [Float](repeating: 0, count: max(1, columns))
            for start in stride(from: 0, to: items.count, by: Self.chunk) {
                try check()
                workspace.assembler.begin()
                let chunk = items[start..<min(start + Self.chunk, items.count)]
                for (place, item) in chunk.enumerated() {
                    numbers.withUnsafeMutableBufferPointer { buffer in
                        guard let base = buffer.baseAddress else { return }
                        if columns > 0 { counters(item, base) }
                        workspace.assembler.addRow(
                            context: 0, place: Int32(place), counters: columns > 0 ? base : nil)
                    }
                }
                try workspace.plan.setCount(workspace.parts.dimension, chunk.count)
                try itemParts.write(chunk, later: later, to: workspace.plan.floats(workspace.parts))
                result.append(contentsOf: try score(workspace, context, told(context, of: chunk, later)))
            }
        }
        return result
    }

    /// What the rows of `items` are told of the retrieval model; empty where they are told nothing.
    private func told(_ context: RankerContext, of items: ArraySlice<Int32>, _ later: LaterItems?) throws -> [Float] {
        guard let towers else { return [] }
        return fields.columns(user: context.tower, items: try towers.itemVectors(of: items, later: later))
    }

    /// Makes what the rows of a context share, where so many rows are worth it. To be called before they are asked for in parts,
    /// which are too few each to tell.
    package func makeProducts(of context: RankerContext, forRows count: Int) throws {
        guard count >= sharingFrom, context.products.made == nil else { return }
        let made = try products.lend { shared in
            let once = shared.factoring.once
            once.floats(shared.vector).copy(context.vector)
            try once.forward()
            return shared.factoring.handedOver()
        }
        context.products.keep(made)
    }

    private func score(_ workspace: RankerRowWorkspace, _ context: RankerContext, _ told: [Float]) throws -> [Float] {
        let plan = workspace.plan
        let batch = workspace.assembler.batch
        try workspace.rows.load(
            batch, historyOffsets: context.historyOffsets, historySeconds: context.seconds, towers: told, into: plan)
        try plan.forward()
        return outputs.values(plan, logits: workspace.rows.logits, values: workspace.rows.values)
    }
}
