import Foundation

/// The order of Postgres' COLLATE "C": bytes as unsigned numbers, a prefix first.
enum ByteOrder {
    static func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let common = min(left.count, right.count)
        if common > 0, let a = left.baseAddress, let b = right.baseAddress {
            let order = memcmp(a, b, common)
            if order != 0 { return order < 0 }
        }
        return left.count < right.count
    }

    static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let a = left.baseAddress, let b = right.baseAddress, left.count > 0 else { return true }
        return memcmp(a, b, left.count) == 0
    }

    /// The order of two texts by their UTF-8.
    static func precedes(_ left: String, _ right: String) -> Bool {
        var (left, right) = (left, right)
        return left.withUTF8 { a in
            right.withUTF8 { b in precedes(UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b)) }
        }
    }
}

/// A text that equals another only when the bytes do, for keys of dictionaries.
struct ByteKey: Hashable {
    let text: String

    static func == (left: ByteKey, right: ByteKey) -> Bool {
        var (left, right) = (left.text, right.text)
        return left.withUTF8 { a in
            right.withUTF8 { b in ByteOrder.areEqual(UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b)) }
        }
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
