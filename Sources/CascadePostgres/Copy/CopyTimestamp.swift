/// Times in COPY's text format.
enum CopyTimestamp {
    /// Writes the time without making a string of it.
    static func append(_ value: PostgresTimestamp, to buffer: inout ByteBuffer) {
        let (seconds, fraction) = value.microseconds.quotientAndRemainder(flooredBy: 1_000_000)
        let (days, second) = seconds.quotientAndRemainder(flooredBy: 86_400)
        let (year, month, day) = CivilDate.fromDays(days)
        guard (1...9999).contains(year) else {
            // Infinities, far years and years before Christ: rare enough to go by way of a string.
            var text = value.description
            return text.withUTF8 { buffer.append(bytes: UnsafeRawBufferPointer($0)) }
        }
        let room = buffer.reserve(29)
        write(year, digits: 4, at: room)
        write(month, digits: 2, at: room + 5)
        write(day, digits: 2, at: room + 8)
        write(second / 3600, digits: 2, at: room + 11)
        write(second / 60 % 60, digits: 2, at: room + 14)
        write(second % 60, digits: 2, at: room + 17)
        write(fraction, digits: 6, at: room + 20)
        room[4] = UInt8(ascii: "-")
        room[7] = UInt8(ascii: "-")
        room[10] = UInt8(ascii: " ")
        room[13] = UInt8(ascii: ":")
        room[16] = UInt8(ascii: ":")
        room[19] = UInt8(ascii: ".")
        room[26] = UInt8(ascii: "+")
        room[27] = UInt8(ascii: "0")
        room[28] = UInt8(ascii: "0")
        buffer.advance(29)
    }

    private static func write(_ value: Int64, digits: Int, at place: UnsafeMutablePointer<UInt8>) {
        var rest = value
        for position in stride(from: digits - 1, through: 0, by: -1) {
            place[position] = UInt8(truncatingIfNeeded: 48 + rest % 10)
            rest /= 10
        }
    }
}
