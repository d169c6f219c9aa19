/// The content of a `bytea` column.
package struct PostgresBytes: PostgresDecodable, Equatable, Sendable {
    /// The bytes as they were stored.
    package let bytes: [UInt8]

    package static func decode(_ cell: Cell) throws(PostgresError) -> PostgresBytes {
        let text = try cell.require("PostgresBytes", [.bytea])
        guard text.count >= 2, text.count % 2 == 0, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x") else {
            throw cell.failure("PostgresBytes", "it is not in hexadecimal; keep bytea_output at hex")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2 - 1)
        for position in stride(from: 2, to: text.count, by: 2) {
            bytes.append(digit(text[position]) << 4 | digit(text[position + 1]))
        }
        return PostgresBytes(bytes: bytes)
    }

    private static func digit(_ character: UInt8) -> UInt8 { character < 58 ? character &- 48 : (character | 32) &- 87 }
}
