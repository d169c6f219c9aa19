extension Array: PostgresDecodable where Element: PostgresArrayDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> [Element] {
        let expected = "[\(Element.self)]"
        let text = try cell.require(expected, Element.arrayTypes)
        guard let parts = ArrayText.parse(text) else {
            throw cell.failure(expected, "it has more than one dimension")
        }
        var elements: [Element] = []
        elements.reserveCapacity(parts.count)
        for part in parts {
            guard let part, let element = Element(arrayElement: part) else {
                throw cell.failure(expected, "an element is NULL or does not fit")
            }
            elements.append(element)
        }
        return elements
    }
}

/// A Swift type that can be an element of an array column.
package protocol PostgresArrayDecodable {
    /// The array types that hold such elements.
    static var arrayTypes: Set<PostgresType> { get }
    /// Reads an element from its text; nil when it does not fit.
    init?(arrayElement text: String)
}

extension String: PostgresArrayDecodable {
    package static var arrayTypes: Set<PostgresType> { [.textArray, .varcharArray] }
    package init?(arrayElement text: String) { self = text }
}

extension Int64: PostgresArrayDecodable {
    package static var arrayTypes: Set<PostgresType> { [.int2Array, .int4Array, .int8Array] }
    package init?(arrayElement text: String) { self.init(text) }
}

extension Int: PostgresArrayDecodable {
    package static var arrayTypes: Set<PostgresType> { Int64.arrayTypes }
    package init?(arrayElement text: String) { self.init(text) }
}

extension Double: PostgresArrayDecodable {
    package static var arrayTypes: Set<PostgresType> { Int64.arrayTypes.union([.float4Array, .float8Array]) }
    package init?(arrayElement text: String) { self.init(text) }
}

extension Float: PostgresArrayDecodable {
    package static var arrayTypes: Set<PostgresType> { Double.arrayTypes }
    package init?(arrayElement text: String) { self.init(text) }
}
