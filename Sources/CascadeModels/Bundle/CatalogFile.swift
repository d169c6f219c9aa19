package import CascadeCore
package import Foundation

/// The catalog of a release, one JSON object a line in row order: row k of the index is line k.
package enum CatalogFile {
    package static let name = "catalog.ndjson"

    private struct Line: Codable {
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
        let decoder = JSONDecoder()
        var items: [Item] = []
        for (number, line) in data.split(separator: 10).enumerated() {
            guard let value = try? decoder.decode(Line.self, from: line) else {
                throw ModelError.corruptArtifact(file: path, reason: "line \(number + 1) is no item")
            }
            items.append(
                Item(
                    id: ItemID(value.id), title: value.title, creatorID: value.creator,
                    categories: value.categories ?? [], attributes: value.attributes ?? [:],
                    createdAt: value.created.map(Timestamp.init(microseconds:)), hidden: value.hidden ?? false,
                    vectorsVersion: value.vectors))
        }
        return items
    }
}
