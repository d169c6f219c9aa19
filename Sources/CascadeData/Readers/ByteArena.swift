/// Room for bytes that are made while one record is read; what it gave out is void after `reset`.
final class ByteArena {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private var capacity = 0
    private(set) var count = 0

    init() {
        capacity = 4096
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    /// Empties the arena and makes sure that `size` bytes fit without any move.
    func reset(room size: Int) {
        count = 0
        guard capacity < size else { return }
        base.deallocate()
        capacity = size * 2
        base = .allocate(capacity: capacity)
    }

    /// Appends a byte; the room was asked for in `reset`.
    @inline(__always)
    func append(_ byte: UInt8) {
        base[count] = byte
        count += 1
    }

    /// Appends bytes; the room was asked for in `reset`.
    func append(_ bytes: UnsafePointer<UInt8>, count size: Int) {
        (base + count).update(from: bytes, count: size)
        count += size
    }

    /// Appends the decimal digits of a number that is not negative (at most 19 bytes) and gives them as a field.
    func appendDigits(_ number: Int) -> FieldBytes {
        let start = count
        for byte in String(number).utf8 { append(byte) }
        return field(from: start)
    }

    /// The bytes from `start` to the end.
    func field(from start: Int, kind: FieldBytes.Kind = .text) -> FieldBytes {
        FieldBytes(base: UnsafePointer(base + start), count: count - start, kind: kind)
    }
}
