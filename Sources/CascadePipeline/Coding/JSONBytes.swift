import CascadeObservability

/// JSON that is written straight into bytes.
struct JSONBytes {
    private var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func append(_ literal: StaticString) {
        // Most are one byte, and appending a sequence has its price.
        literal.withUTF8Buffer { $0.count == 1 ? bytes.append($0[0]) : bytes.append(contentsOf: $0) }
    }

    mutating func append(contentsOf part: some Sequence<UInt8>) { bytes.append(contentsOf: part) }

    mutating func append(_ literal: StaticString, integer: Int) {
        append(literal)
        bytes.append(contentsOf: String(integer).utf8)
    }

    /// The shortest digits that give the same number again.
    ///
    /// - Throws: `EncodingError` for a number that is not finite.
    mutating func append<Number: BinaryFloatingPoint & LosslessStringConvertible>(
        _ literal: StaticString, number: Number
    ) throws {
        guard number.isFinite else {
            throw EncodingError.invalidValue(
                number, .init(codingPath: [], debugDescription: "\(number) is no number that JSON can hold"))
        }
        append(literal)
        bytes.append(contentsOf: number.description.utf8)
    }

    mutating func append<Elements: Collection>(
        list: Elements, _ write: (inout JSONBytes, Elements.Element) throws -> Void
    ) rethrows {
        append("[")
        for (index, element) in list.enumerated() {
            if index > 0 { append(",") }
            try write(&self, element)
        }
        append("]")
    }

    /// A string in quotation marks.
    mutating func append(text: String) { JSONText.append(text, to: &bytes) }
}
