package import CascadeCore
package import Foundation

/// Content vectors of items by row; a row may lack the vector of a kind.
///
/// The vectors of a kind lie one behind another, in memory or in a mapped file. A copy shares them, and keeps sharing all
/// but the last few of them when it gets more.
package struct ItemVectors: Sendable {
    /// The vectors of one kind.
    package struct Kind: Sendable {
        package let definition: VectorDefinition
        /// [rows] the place of each row's vector, -1 where it has none.
        package fileprivate(set) var places: [Int32]
        fileprivate var storage: Storage

        /// Vectors that there are.
        package var present: Int {
            switch storage {
            case .memory(let chunks): chunks.count
            case .mapped(_, _, let count): count
            }
        }

        /// Lends the vectors in the order of their places, some of them at a time.
        package func forEachPart(_ body: (UnsafeBufferPointer<Float>) throws -> Void) rethrows {
            switch storage {
            case .memory(let chunks): try chunks.forEach(body)
            case .mapped(let data, let start, let count):
                try Self.lend(data, start, count * definition.width, body)
            }
        }

        /// Lends the vector at a place.
        fileprivate func lend<Result>(
            _ place: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
        ) rethrows -> Result {
            switch storage {
            case .memory(let chunks): return try chunks.lend(place, body)
            case .mapped(let data, let start, _):
                return try Self.lend(data, start + 4 * place * definition.width, definition.width, body)
            }
        }

        /// Lends `count` floats from byte `start` of `data` on.
        private static func lend<Result>(
            _ data: Data, _ start: Int, _ count: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
        ) rethrows -> Result {
            try data.withUnsafeBytes { bytes in
                try body(
                    UnsafeBufferPointer(
                        start: bytes.baseAddress.map { ($0 + start).assumingMemoryBound(to: Float.self) }, count: count)
                )
            }
        }
    }

    fileprivate enum Storage: Sendable {
        case memory(VectorChunks)
        /// So many vectors as little-endian floats from byte `start` of a mapped file on, where they are aligned.
        case mapped(Data, start: Int, count: Int)
    }

    package private(set) var kinds: [Kind]
    /// Rows, with vectors or without.
    package private(set) var count: Int

    /// No row and no kind.
    package static let none = ItemVectors(kinds: [], count: 0)

    /// Rows that have no vectors yet.
    package init(kinds definitions: [VectorDefinition], count: Int) {
        kinds = definitions.map {
            Kind(
                definition: $0, places: [Int32](repeating: -1, count: count),
                storage: .memory(VectorChunks(width: $0.width)))
        }
        self.count = count
    }

    /// Vectors in a mapped file; `kinds` tell where each kind's lie, and all of `places` must be -1 or below their number.
    package init(
        mapped data: Data, count: Int,
        kinds: [(definition: VectorDefinition, places: [Int32], start: Int, present: Int)]
    ) {
        self.count = count
        self.kinds = kinds.map { kind in
            Kind(
                definition: kind.definition, places: kind.places,
                storage: .mapped(data, start: kind.start, count: kind.present))
        }
    }

    /// The kind called `name`.
    package func kind(_ name: String) -> Int? { kinds.firstIndex { $0.definition.name == name } }

    /// Gives a row its vector; one of an unknown kind or another width is not taken.
    package mutating func set(_ vector: ItemVector, row: Int) {
        guard let index = kind(vector.name), kinds[index].definition.width == vector.values.count,
            case .memory(var chunks) = kinds[index].storage
        else { return }
        // They are changed where they lie.
        kinds[index].storage = .memory(VectorChunks(width: chunks.width))
        kinds[index].places[row] = Int32(chunks.count)
        chunks.append(vector.values)
        kinds[index].storage = .memory(chunks)
    }

    /// Puts rows without vectors behind the others.
    package mutating func addRows(_ more: Int) {
        count += more
        for index in kinds.indices { kinds[index].places += [Int32](repeating: -1, count: more) }
    }

    /// Lends the vector of a row; nil where it has none.
    package func lend<Result>(
        kind: Int, row: Int, _ body: (UnsafeBufferPointer<Float>?) throws -> Result
    ) rethrows -> Result {
        guard row < count, kinds[kind].places[row] >= 0 else { return try body(nil) }
        return try kinds[kind].lend(Int(kinds[kind].places[row])) { try body($0) }
    }

    /// The vectors of a row, as they were set.
    package func vectors(ofRow row: Int, id: ItemID) -> [ItemVector] {
        kinds.indices.compactMap { kind in
            lend(kind: kind, row: row) { values in
                values.map { ItemVector(itemID: id, name: kinds[kind].definition.name, values: Array($0)) }
            }
        }
    }

    /// The same vectors under other rows; those that get none are not seen any more.
    ///
    /// - Parameter row: the new row of an old one, or nil.
    package func renumbered(count: Int, row: (Int) -> Int32?) -> ItemVectors {
        var result = self
        result.count = count
        for index in kinds.indices {
            result.kinds[index].places = [Int32](repeating: -1, count: count)
            for old in 0..<self.count {
                if let new = row(old) { result.kinds[index].places[Int(new)] = kinds[index].places[old] }
            }
        }
        return result
    }
}
