import CascadeCore
import CascadeFeatures
import CascadeNN

/// What the ranker makes of items alone, the e_i of `RankingModel` and what candidates ask of a past: computed once for all
/// items of a release where they fit a budget, and else, as for later items, when they are asked for.
///
/// From any thread.
final class RankerItemParts: Sendable {
    /// [items × columns] of the catalog; empty where they would not fit.
    private let table: [Float]
    private let columns: Int
    private let chunk: Int
    private let workspaces: WorkspacePool<Workspace>

    private struct Workspace {
        let plan: Plan
        let items: RankerItems
        /// [items × columns].
        let parts: Value
        let assembler: BatchAssembler
    }

    /// - Parameters:
    ///   - chunk: items that are computed at a time.
    ///   - budget: bytes that the table may take.
    init(
        model: RankingModel, map: FeatureMap, store: ParameterStore, catalog: EncodedEntities, chunk: Int, budget: Int
    ) throws {
        columns = model.itemPartWidth
        self.chunk = chunk
        // Packed products give a row the same bits however many are computed; what is rounded later must not differ.
        let packing = WeightPacking()
        let workspaces = WorkspacePool {
            let plan = Plan(store: store, mode: .inference, packing: packing)
            let (items, parts) = model.recordItemParts(plan, capacity: chunk)
            plan.keep(parts)
            try plan.seal()
            return Workspace(
                plan: plan, items: items, parts: parts,
                assembler: BatchAssembler(map: map, space: map.ranker, items: catalog))
        }
        self.workspaces = workspaces
        let bytes = catalog.count.multipliedReportingOverflow(by: columns * MemoryLayout<Float>.size)
        guard !bytes.overflow, bytes.partialValue <= budget else {
            table = []
            return
        }
        var table: [Float] = []
        table.reserveCapacity(catalog.count * columns)
        try workspaces.lend { workspace in
            for start in stride(from: 0, to: catalog.count, by: chunk) {
                let rows = Int32(start)..<Int32(min(start + chunk, catalog.count))
                table += try Self.compute(Array(rows), workspace)
            }
        }
        self.table = table
    }

    /// Bytes of the table.
    var bytes: Int { table.count * MemoryLayout<Float>.size }

    /// Writes the parts of at most `chunk` items side by side, in their order: [items × columns].
    ///
    /// - Parameter later: items behind the catalog that `items` may name.
    func write(_ items: ArraySlice<Int32>, later: LaterItems?, to output: UnsafeMutableBufferPointer<Float>) throws {
        var missing: [(place: Int, item: Int32)] = []
        table.withUnsafeBufferPointer { table in
            for (place, item) in items.enumerated() {
                let start = Int(item) * columns
                guard start + columns <= table.count, let from = table.baseAddress, let to = output.baseAddress else {
                    missing.append((place, item))
                    continue
                }
                (to + place * columns).update(from: from + start, count: columns)
            }
        }
        if missing.isEmpty { return }
        try workspaces.lend { workspace in
            workspace.assembler.extend(by: later?.ranker)
            let parts = try Self.compute(missing.map(\.item), workspace)
            for (index, entry) in missing.enumerated() {
                for column in 0..<columns { output[entry.place * columns + column] = parts[index * columns + column] }
            }
        }
    }

    /// The parts of distinct or equal items in their order.
    private static func compute(_ items: [Int32], _ workspace: Workspace) throws -> [Float] {
        workspace.assembler.begin()
        let places = items.map { Int(workspace.assembler.addItem($0)) }
        try workspace.items.load(workspace.assembler.batch, into: workspace.plan)
        try workspace.plan.forward()
        let values = workspace.plan.values(of: workspace.parts)
        guard Set(places).count < items.count else { return values }
        let columns = values.count / max(1, workspace.assembler.batch.items.count)
        return places.flatMap { values[$0 * columns..<($0 + 1) * columns] }
    }
}
