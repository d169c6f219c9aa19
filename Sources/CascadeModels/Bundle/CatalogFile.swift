package import CascadeCore
package import Foundation

/// The catalog of a release, one JSON object a line in row order: row k of the index is line k.
package enum CatalogFile {
    package static let name = "catalog.ndjson"

    private struct Line: Encodable {
        var id: String
        var title: String?
        var creator: String?
        var categories: [String]?
        var attributes: [String: AttributeValue]?
        var created: Int64?
        var hidden: Bool?
        var vectors: String?
    }

    package static func encode(_ items: [Item]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var data = Data()
        for item in items {
            let line = Line(
                id: item.id.rawValue, title: item.title, creator: item.creatorID,
                categories: item.categories.isEmpty ? nil : item.categories,
                attributes: item.attributes.isEmpty ? nil : item.attributes, created: item.createdAt?.microseconds,
                hidden: item.hidden ? true : nil, vectors: item.vectorsVersion)
            data.append(try encoder.encode(line))
            data.append(10)
        }
        return data
    }

    package static func decode(_ data: Data, path: String) throws -> [Item] {
        try data.withUnsafeBytes { bytes in
            nonisolated(unsafe) let bytes = bytes  // why: it is only read, and lent for longer than the pieces take
            let lines = lines(of: bytes)
            let pieces = (lines.count + piece - 1) / piece
            let parts = try parallelMap(pieces, piece: 1) { index in
                let range = (index * piece)..<min(lines.count, (index + 1) * piece)
                return Result { () throws(ModelError) in
                    try decode(lines[range].map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }, range.lowerBound, path)
                }
            }
            // In order, so that the first line that is none is told.
            return try parts.flatMap { try $0.get() }
        }
    }

    /// Lines that a core reads at a time: they are most of what loading a large release takes.
    private static let piece = 4096

    /// Where lines are that hold anything.
    private static func lines(of bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let end = start + (rest.firstIndex(of: 10) ?? rest.count)
            if end > start { lines.append(start..<end) }
            start = end + 1
        }
        return lines
    }

    private static func decode(
        _ lines: [UnsafeRawBufferPointer], _ first: Int, _ path: String
    ) throws(ModelError) -> [Item] {
        var items: [Item] = []
        items.reserveCapacity(lines.count)
        for (number, line) in lines.enumerated() {
            guard let item = item(line) else {
                throw .corruptArtifact(file: path, reason: "line \(first + number + 1) is no item")
            }
            items.append(item)
        }
        return items
    }

    private static func item(_ line: UnsafeRawBufferPointer) -> Item? {
        var cursor = JSONCursor(line)
        var id: String?
        var item = Item(id: ItemID(""))
        let isRead = cursor.members { cursor, name in
            if cursor.null() { return true }
            switch name {
            case "attributes":
                guard let attributes = cursor.attributes() else { return false }
                item.attributes = attributes
                return true
            case "created":
                guard let moment = cursor.integer() else { return false }
                item.createdAt = Timestamp(microseconds: moment)
                return true
            default: break
            }
            guard let value = cursor.value() else { return false }
            switch (name, value.attribute) {
            case ("id", .text(let text)): id = text
            case ("title", .text(let text)): item.title = text
            case ("creator", .text(let text)): item.creatorID = text
            case ("vectors", .text(let text)): item.vectorsVersion = text
            case ("categories", .list(let list)): item.categories = list
            case ("hidden", .flag(let flag)): item.hidden = flag
            case ("id", _), ("title", _), ("creator", _), ("vectors", _), ("categories", _), ("hidden", _): return false
            default: break
            }
            return true
        }
        guard isRead, cursor.atEnd, let id else { return nil }
        item.id = ItemID(id)
        return item
    }
}
