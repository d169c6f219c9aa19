import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Foundation
import Testing

extension ModelFixture {
    /// What the heads and value heads give as a request gets it: [items × heads].
    func served(
        _ bundle: ModelBundle, user: Int, items: [Int32], at moment: Timestamp = ModelFixture.moment
    ) throws -> [Float] {
        try withHistory(of: user) { history in
            let ranker = try #require(bundle.ranker)
            let users = bundle.rankerUsers.encode([rows.users[user]])
            let context = try ranker.context(
                users: users, row: 0, history: history, at: moment,
                tower: try bundle.tower(of: rows.users[user], history: history))
            return try ranker.probabilities(
                context: context, items: items, columns: map.counterLayout.columns,
                counters: { bundle.counters.write(history: history, item: $0, fold: nil, at: moment, into: $1) },
                check: {})
        }
    }

    /// The plan of training, with one context a row, on the same inputs: what serving's split parts must equal.
    func whole(user: Int, items: [Int32], at moment: Timestamp = ModelFixture.moment) throws -> [Float] {
        let (model, store) = try ranker()
        let plan = Plan(store: store, mode: .inference)
        let itemPart = model.recordItems(plan, capacity: 30)
        let contexts = model.recordContexts(plan, items: itemPart, capacity: items.count)
        let scored = model.recordRows(plan, contexts: contexts, items: itemPart, capacity: items.count)
        for value in [scored.logits] + scored.values { plan.keep(value) }
        try plan.seal()
        let (users, catalog) = map.ranker.encode(rows)
        let assembler = BatchAssembler(map: map, space: map.ranker, items: catalog)
        withHistory(of: user) { history in
            var numbers = [Float](repeating: 0, count: map.counterLayout.columns)
            for item in items {
                let context = assembler.addContext(users: users, row: user, history: history, at: moment)
                numbers.withUnsafeMutableBufferPointer { buffer in
                    counters.write(history: history, item: item, fold: nil, at: moment, into: buffer.baseAddress!)
                    assembler.addRow(context: context, item: item, counters: buffer.baseAddress!)
                }
            }
        }
        try itemPart.load(assembler.batch, into: plan)
        try contexts.load(assembler.batch, into: plan)
        try scored.load(assembler.batch, towers: try towers(user: user, items: items), into: plan)
        try plan.forward()
        let probabilities = plan.values(of: scored.logits).map { 1 / (1 + expf(-$0)) }
        let outputs = scored.values.map { plan.values(of: $0) }
        return items.indices.flatMap { row -> [Float] in
            let heads = map.heads.count
            return Array(probabilities[(row * heads)..<((row + 1) * heads)])
                + zip(map.valueHeads, outputs).map { head, output in
                    let columns = output.count / items.count
                    return Self.value(head, Array(output[(row * columns)..<((row + 1) * columns)]))
                }
        }
    }

    /// The formulas of value heads spelled out.
    private static func value(_ head: ValueHead, _ outputs: [Float]) -> Float {
        guard head.settings.loss == .histogram else {
            return Float(head.settings.transform.inverted(head.centre + head.deviation * Double(outputs[0])))
        }
        let shares = outputs.map { exp(Double($0)) }
        let width = (head.high - head.low) / Double(outputs.count)
        let sum = shares.enumerated().reduce(0.0) { sum, bin in
            sum + bin.element * head.settings.transform.inverted(head.low + (Double(bin.offset) + 0.5) * width)
        }
        return Float(sum / shares.reduce(0, +))
    }

    /// What the rows of a user are told of the retrieval model, from its vectors of the whole catalog.
    private func towers(user: Int, items: [Int32]) throws -> [Float] {
        let retrieval = try bundle().retrieval
        let all = try retrieval.itemVectors(rows: 0..<rows.items.count)
        let (users, _) = map.retrieval.encode(rows)
        let own = try withHistory(of: user) { try retrieval.userVectors(users: users, row: user, history: $0) }
        return items.flatMap { item -> [Float] in
            let vector = Array(all[(Int(item) * 16)..<(Int(item) * 16 + 16)])
            let products = zip(own, vector).map { $0 * $1 }
            switch settings.ranker.towers {
            case .none: return []
            case .product: return [products.reduce(0, +)]
            case .vectors: return vector + own + products
            }
        }
    }
}
