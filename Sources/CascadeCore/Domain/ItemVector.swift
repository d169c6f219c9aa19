/// A kind of content vectors of items, such as embeddings of their images; all of a kind are equally wide.
package struct VectorDefinition: Hashable, Sendable {
    package let name: String
    /// Floats of a vector.
    package let width: Int

    /// Floats that a vector has at most.
    package static let maximumWidth = 16_384

    package init(name: String, width: Int) {
        self.name = name
        self.width = width
    }

    /// What is wrong with it; nil when it can be declared.
    package var problem: String? {
        let isName =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
                    || byte == 45
            }
        if !isName { return "'\(name)' is no name of vectors (letters, digits, _ and -, at most 64)" }
        guard (1...Self.maximumWidth).contains(width) else {
            return "vectors '\(name)' have \(width) columns, where 1 to \(Self.maximumWidth) can be"
        }
        return nil
    }
}

/// What was computed elsewhere of an item's content.
package struct ItemVector: Hashable, Sendable {
    package let itemID: ItemID
    /// The kind of the vector.
    package let name: String
    package let values: [Float]

    package init(itemID: ItemID, name: String, values: [Float]) {
        self.itemID = itemID
        self.name = name
        self.values = values
    }
}
