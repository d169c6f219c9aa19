/// One mini-batch of contexts (a user with a past) and rows (a context with an item), in columns.
///
/// Letters: C contexts, R rows, I distinct items, H history steps in all, T = numeric width of the map.
/// Items that several rows or histories share are encoded once; `rowItem` and `historyItem` point at them.
package struct Batch: Sendable, Equatable {
    /// The users of the contexts: C entities.
    package var users: EntityBlock
    /// The distinct items of the rows: I entities, in order of appearance; those of histories too where the model
    /// that reads the batch encodes them.
    package var items: EntityBlock
    /// [C + 1] where the history of each context begins.
    package var historyOffsets: [Int32] = [0]
    /// [C] which of several readings of its past each context asks for; 0 where there is one only.
    package var contextReading: [Int32] = []
    /// [H] the item of each step, newest first in each context: place in `items`; empty when steps have lookups.
    package var historyItem: [Int32] = []
    /// [H × history lookups] rows of the unified table for each step, where the layout of items has such.
    package var historyLookups: [Int32] = []
    /// [H] feedback code of each step.
    package var historyCode: [Int32] = []
    /// [H] 0 for the newest step of a context, 1 for the one before, …
    package var historyAge: [Int32] = []
    /// [H] seconds from each step to the moment of its context; empty where no times are read.
    package var historySeconds: [Int32] = []
    /// [C × time lookups] rows of the unified table for hour and weekday; empty where no times are read.
    package var contextLookups: [Int32] = []
    /// [R] the context of each row.
    package var rowContext: [Int32] = []
    /// [R] the item of each row: place in `items`.
    package var rowItem: [Int32] = []
    /// [R × counter columns · T] encoded counters, or [R × counter columns] plain ones.
    package var counters: [Float] = []
    /// [I] catalog row of each distinct item.
    package var catalogRow: [Int32] = []

    package init(users: EntityLayout, items: EntityLayout) {
        self.users = EntityBlock(layout: users)
        self.items = EntityBlock(layout: items)
    }

    package var contexts: Int { historyOffsets.count - 1 }
    package var rows: Int { rowItem.count }
    package var steps: Int { historyCode.count }

    /// Forgets the content and keeps the memory.
    package mutating func removeAll() {
        users.removeAll()
        items.removeAll()
        historyOffsets.removeAll(keepingCapacity: true)
        historyOffsets.append(0)
        contextReading.removeAll(keepingCapacity: true)
        historyItem.removeAll(keepingCapacity: true)
        historyLookups.removeAll(keepingCapacity: true)
        historyCode.removeAll(keepingCapacity: true)
        historyAge.removeAll(keepingCapacity: true)
        historySeconds.removeAll(keepingCapacity: true)
        contextLookups.removeAll(keepingCapacity: true)
        rowContext.removeAll(keepingCapacity: true)
        rowItem.removeAll(keepingCapacity: true)
        counters.removeAll(keepingCapacity: true)
        catalogRow.removeAll(keepingCapacity: true)
    }
}

/// The encoded features of some users or items.
package struct EntityBlock: Sendable, Equatable {
    package let layout: EntityLayout
    package var count = 0
    /// [count × lookup width] rows of the unified table.
    package var lookups: [Int32] = []
    /// One list a multi-valued feature: rows of the unified table, `lookups` of them a token.
    package var tokens: [[Int32]]
    /// One list a multi-valued feature: [count + 1] first token of each entity.
    package var tokenOffsets: [[Int32]]
    /// [count × numeric features · T] encoded numbers.
    package var numeric: [Float] = []
    /// [count × layout.vectorWidth] encoded content vectors.
    package var vectors: [Float] = []

    package init(layout: EntityLayout) {
        self.layout = layout
        tokens = layout.multi.map { _ in [] }
        tokenOffsets = layout.multi.map { _ in [0] }
    }

    mutating func removeAll() {
        count = 0
        lookups.removeAll(keepingCapacity: true)
        numeric.removeAll(keepingCapacity: true)
        vectors.removeAll(keepingCapacity: true)
        for index in tokens.indices {
            tokens[index].removeAll(keepingCapacity: true)
            tokenOffsets[index].removeAll(keepingCapacity: true)
            tokenOffsets[index].append(0)
        }
    }

    /// Copies entity `row` of `source` and encodes its numbers and content vectors.
    mutating func append(_ source: EncodedEntities, row: Int, numericWidth: Int) {
        let width = layout.lookupWidth
        // One at a time: a slice would count references of arrays that all threads share.
        for index in (row * width)..<((row + 1) * width) { lookups.append(source.lookups[index]) }
        for index in tokens.indices {
            let first = Int(source.tokenOffsets[index][row])
            let last = Int(source.tokenOffsets[index][row + 1])
            let perToken = layout.multi[index].rowsPerToken
            for token in (first * perToken)..<(last * perToken) { tokens[index].append(source.tokens[index][token]) }
            tokenOffsets[index].append(tokenOffsets[index].last! + Int32(last - first))
        }
        let features = layout.numeric.count
        if features > 0 {
            let start = numeric.count
            numeric.append(contentsOf: repeatElement(0, count: features * numericWidth))
            numeric.withUnsafeMutableBufferPointer { output in
                guard let base = output.baseAddress else { return }
                for feature in 0..<features {
                    layout.bins[feature].encode(
                        source.numeric[row * features + feature], into: base + start + feature * numericWidth,
                        width: numericWidth)
                }
            }
        }
        let vectorWidth = layout.vectorWidth
        if vectorWidth > 0 {
            let start = vectors.count
            vectors.append(contentsOf: repeatElement(0, count: vectorWidth))
            vectors.withUnsafeMutableBufferPointer { output in
                if let base = output.baseAddress { source.encodeVectors(of: row, into: base + start) }
            }
        }
        count += 1
    }
}
