import CascadeCore

/// The content vectors of an item as JSON: `{"image": [0.1, -2.5], …}`.
enum VectorsDocument {
    static let maximumCount = 32

    /// One vector with the place where it stands in the body.
    struct Entry {
        let name: String
        let pointer: String
        let values: [Float]
    }

    /// Reads the member `vectors` without those of the names `others`; one that is null counts as absent.
    static func entries(_ reader: ObjectReader, except others: [String] = []) -> [Entry] {
        let entries = (reader.entries("vectors", maximumCount: maximumCount) ?? []).filter { !others.contains($0.name) }
        return entries.sorted { $0.name < $1.name }.compactMap { entry in
            values(entry.value, at: entry.pointer, reader.problems).map {
                Entry(name: entry.name, pointer: entry.pointer, values: $0)
            }
        }
    }

    /// The kinds that a merge patch takes away: those that are null in the member `vectors`, and all where it is null itself.
    static func removed(_ reader: ObjectReader, _ definitions: [VectorDefinition]) -> [String] {
        guard reader.has("vectors") else { return [] }
        let declared = definitions.map(\.name)
        guard case .object(let members)? = reader.value("vectors") else {
            return reader.value("vectors") == nil ? declared : []
        }
        return members.filter { $0.value == .null && declared.contains($0.name) }.map(\.name)
    }

    /// The vectors of an item, with a problem for each that no declared kind takes.
    static func vectors(
        _ entries: [Entry], of id: ItemID, _ definitions: [VectorDefinition], _ problems: Problems
    ) -> [ItemVector] {
        entries.compactMap { entry in
            guard let definition = definitions.first(where: { $0.name == entry.name }) else {
                let known = definitions.map(\.name).joined(separator: ", ")
                let detail =
                    "is no kind of vectors that an import has declared (declared: \(known.isEmpty ? "none" : known))"
                problems.add(entry.pointer, "invalid", detail)
                return nil
            }
            guard entry.values.count == definition.width else {
                let detail = "must have \(definition.width) numbers, not \(entry.values.count)"
                problems.add(entry.pointer, "out_of_range", detail)
                return nil
            }
            return ItemVector(itemID: id, name: entry.name, values: entry.values)
        }
    }

    private static func values(_ value: JSONValue, at pointer: String, _ problems: Problems) -> [Float]? {
        guard case .array(let elements) = value else {
            problems.add(pointer, "wrong_type", "must be a list of numbers, not \(value.kind)")
            return nil
        }
        guard (1...VectorDefinition.maximumWidth).contains(elements.count) else {
            let detail = "must have from 1 to \(VectorDefinition.maximumWidth) numbers, not \(elements.count)"
            problems.add(pointer, "out_of_range", detail)
            return nil
        }
        var values: [Float] = []
        values.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            let place = JSONPointer.element(index, of: pointer)
            guard let number = element.anyNumber else {
                problems.add(place, "wrong_type", "must be a number, not \(element.kind)")
                return nil
            }
            guard Float(number).isFinite else {
                problems.add(place, "out_of_range", "must fit a 32-bit float")
                return nil
            }
            values.append(Float(number))
        }
        return values
    }
}
