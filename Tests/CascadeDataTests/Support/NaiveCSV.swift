@testable import CascadeData

/// The same rules as `SeparatedReader`, over the whole text at once and without any care for speed.
struct NaiveCSV {
    let bytes: [UInt8]
    let delimiter: [UInt8]
    let quote: UInt8?
    private var position = 0
    private var line = 1

    init(_ bytes: [UInt8], delimiter: [UInt8], quote: UInt8?) {
        self.bytes = bytes
        self.delimiter = delimiter
        self.quote = quote
    }

    private struct Malformed: Error {}

    mutating func all(columns: Int) -> [ReadRecord] {
        var result: [ReadRecord] = []
        while position < bytes.count {
            if has([10], at: position) {
                position += 1
                line += 1
                continue
            }
            if has([13, 10], at: position) {
                position += 2
                line += 1
                continue
            }
            result.append(next(columns))
        }
        return result
    }

    private mutating func next(_ columns: Int) -> ReadRecord {
        let start = position
        let first = line
        do {
            let fields = try record()
            var end = position
            if end > start, bytes[end - 1] == 10 { end -= 1 }
            if end > start, bytes[end - 1] == 13 { end -= 1 }
            let raw = Array(bytes[start..<end])
            line += bytes[start..<position].count { $0 == 10 }
            if position == bytes.count, bytes.last != 10 { line += 1 }
            let isBad = fields.count != columns
            return ReadRecord(line: first, fields: isBad ? [] : fields, isBad: isBad, raw: raw)
        } catch {
            var end = start
            while end < bytes.count, bytes[end] != 10 { end += 1 }
            position = min(end + 1, bytes.count)
            line += 1
            if end > start, bytes[end - 1] == 13 { end -= 1 }
            return ReadRecord(line: first, fields: [], isBad: true, raw: Array(bytes[start..<end]))
        }
    }

    private mutating func record() throws -> [[UInt8]] {
        var fields: [[UInt8]] = []
        while true {
            var field: [UInt8] = []
            if let quote, position < bytes.count, bytes[position] == quote {
                position += 1
                while true {
                    guard position < bytes.count else { throw Malformed() }
                    if has([quote, quote], at: position) {
                        field.append(quote)
                        position += 2
                    } else if bytes[position] == quote {
                        position += 1
                        break
                    } else {
                        field.append(bytes[position])
                        position += 1
                    }
                }
                fields.append(field)
                if position == bytes.count { return fields }
                if has([13], at: position), position + 1 == bytes.count {
                    position += 1
                    return fields
                }
                if has([13, 10], at: position) {
                    position += 2
                    return fields
                }
                if has([10], at: position) {
                    position += 1
                    return fields
                }
                guard has(delimiter, at: position) else { throw Malformed() }
            } else {
                while position < bytes.count, bytes[position] != 10, !has(delimiter, at: position) {
                    field.append(bytes[position])
                    position += 1
                }
                let ends = position == bytes.count || bytes[position] == 10
                if ends, field.last == 13 { field.removeLast() }
                fields.append(field)
                if ends {
                    position = min(position + 1, bytes.count)
                    return fields
                }
            }
            position += delimiter.count
        }
    }

    private func has(_ text: [UInt8], at index: Int) -> Bool {
        index + text.count <= bytes.count && Array(bytes[index..<(index + text.count)]) == text
    }
}
