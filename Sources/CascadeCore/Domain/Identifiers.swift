/// The identifier of a user as the company that runs Cascade names it: any UTF-8 text of 1 to 256 bytes.
package struct UserID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(_ rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }

    /// Equal bytes: "é" in one code point and in two are two identifiers, here as in Postgres.
    package static func == (left: UserID, right: UserID) -> Bool {
        left.rawValue.utf8.elementsEqual(right.rawValue.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var copy = rawValue
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    package static func < (left: UserID, right: UserID) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}

/// The identifier of an item as the company that runs Cascade names it: any UTF-8 text of 1 to 256 bytes.
package struct ItemID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(_ rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }

    /// Equal bytes: "é" in one code point and in two are two identifiers, here as in Postgres.
    package static func == (left: ItemID, right: ItemID) -> Bool {
        left.rawValue.utf8.elementsEqual(right.rawValue.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var copy = rawValue
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    package static func < (left: ItemID, right: ItemID) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}

/// Limits that every identifier keeps, wherever it enters (import, REST, CLI).
package enum IdentifierRules {
    /// The greatest length of an identifier in UTF-8 bytes.
    package static let maximumBytes = 256

    /// Returns what is wrong with `text` as an identifier, or nil when it is fine.
    ///
    /// - Complexity: O(length of `text`).
    package static func problem(with text: String) -> String? {
        if text.isEmpty { return "an identifier must not be empty" }
        let bytes = text.utf8.count
        if bytes > maximumBytes { return "an identifier has at most \(maximumBytes) bytes, this one has \(bytes)" }
        if text.utf8.contains(0) { return "an identifier must not hold a NUL byte" }
        return nil
    }
}
