import Foundation

/// An item that goes together with another one.
package struct ItemNeighbour: Hashable, Sendable {
    /// Its row in the catalog of the release.
    package let row: Int32
    /// How strongly the two go together; more is more.
    package let score: Float

    package init(row: Int32, score: Float) {
        self.row = row
        self.score = score
    }
}

/// The items that users took together with each item of a release, best first; part of the bundle.
///
/// The file, little-endian: a magic word, the numbers of items and of entries, `[items + 1]` where each item's list
/// starts (UInt32), `[entries]` rows (Int32), `[entries]` scores (Float). It is mapped and read where it lies. The
/// manifest's checksum guards the content, the sizes are checked here.
package struct ItemNeighbours: Sendable {
    package static let name = "item_neighbours.bin"
    /// Neighbours that are kept of an item.
    package static let kept = 50

    private static let magic: UInt64 = 0x3130_4847_4945_4E43
    private static let headerBytes = 24

    /// The file's bytes; none where no item has a list.
    private let data: Data
    /// Items that have a list, empty ones included.
    package let items: Int
    private let entries: Int

    /// No neighbours at all.
    package static let none = ItemNeighbours(data: Data(), items: 0, entries: 0)

    private init(data: Data, items: Int, entries: Int) {
        self.data = data
        self.items = items
        self.entries = entries
    }

    /// One list an item, in row order, best first.
    package init(lists: [[ItemNeighbour]]) {
        var data = Data()
        let entries = lists.reduce(0) { $0 + $1.count }
        for word in [Self.magic, UInt64(lists.count), UInt64(entries)] { Self.append(word.littleEndian, to: &data) }
        var start: UInt32 = 0
        Self.append(start, to: &data)
        for list in lists {
            start += UInt32(list.count)
            Self.append(start.littleEndian, to: &data)
        }
        for list in lists { for one in list { Self.append(one.row.littleEndian, to: &data) } }
        for list in lists { for one in list { Self.append(one.score.bitPattern.littleEndian, to: &data) } }
        self.init(data: data, items: lists.count, entries: entries)
    }

    /// Maps the file at `path`, which must hold a list for each of `items` rows.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file where its sizes do not fit together.
    package init(path: String, items: Int) throws(ModelError) {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
            throw .corruptArtifact(file: path, reason: "the file is missing or unreadable")
        }
        guard data.count >= Self.headerBytes, Self.word(0, of: data) == Self.magic else {
            throw .corruptArtifact(file: path, reason: "it holds no neighbours of items")
        }
        guard Self.word(1, of: data) == UInt64(items) else {
            throw .corruptArtifact(
                file: path, reason: "it has lists of \(Self.word(1, of: data)) items, the catalog has \(items)")
        }
        let entries = Self.word(2, of: data)
        guard entries <= UInt64(UInt32.max),
            data.count == Self.headerBytes + 4 * (items + 1) + 8 * Int(entries)
        else { throw .corruptArtifact(file: path, reason: "it has \(data.count) bytes, which is not what it says") }
        self.init(data: data, items: items, entries: Int(entries))
        var last = 0
        for item in 0...items {
            let start = self.start(item)
            guard start >= last, start <= self.entries, item > 0 || start == 0 else {
                throw .corruptArtifact(file: path, reason: "the list of item \(item) starts out of order")
            }
            last = start
        }
        guard last == self.entries else { throw .corruptArtifact(file: path, reason: "entries are left over") }
    }

    /// Writes the file.
    package func write(to path: String) throws {
        try (data.isEmpty ? ItemNeighbours(lists: []).data : data)
            .write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// The neighbours of the item at `row`, best first; none for a row that has no list.
    package func neighbours(of row: Int32) -> [ItemNeighbour] {
        guard row >= 0, Int(row) < items else { return [] }
        let rows = Self.headerBytes + 4 * (items + 1)
        return data.withUnsafeBytes { bytes in
            (start(Int(row))..<start(Int(row) + 1)).map { entry in
                ItemNeighbour(
                    row: Int32(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: rows + 4 * entry, as: Int32.self)),
                    score: Float(
                        bitPattern: UInt32(
                            littleEndian: bytes.loadUnaligned(
                                fromByteOffset: rows + 4 * (entries + entry), as: UInt32.self))))
            }
        }
    }

    /// The same lists for a catalog with other rows: neighbours that it does not hold are left out.
    ///
    /// - Parameters:
    ///   - row: the new row of an old one, or nil.
    ///   - count: rows of the new catalog.
    package func renumbered(count: Int, row: (Int32) -> Int32?) -> ItemNeighbours {
        var lists = [[ItemNeighbour]](repeating: [], count: count)
        for old in 0..<Int32(items) {
            guard let new = row(old) else { continue }
            lists[Int(new)] = neighbours(of: old).compactMap { one in
                row(one.row).map { ItemNeighbour(row: $0, score: one.score) }
            }
        }
        return ItemNeighbours(lists: lists)
    }

    private func start(_ item: Int) -> Int {
        data.withUnsafeBytes {
            Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: Self.headerBytes + 4 * item, as: UInt32.self)))
        }
    }

    private static func word(_ index: Int, of data: Data) -> UInt64 {
        data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)) }
    }

    private static func append<Number: FixedWidthInteger>(_ number: Number, to data: inout Data) {
        withUnsafeBytes(of: number) { data.append(contentsOf: $0) }
    }
}
