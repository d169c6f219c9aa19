/// Which members of a JSON object are wanted, by their paths.
final class JSONSlots {
    let names: [String]
    private let bytes: [[UInt8]]
    // The slots whose objects are wanted whole; mostly none.
    private let objects: [Int]
    // The slot that the k-th member had the last time; objects of one file mostly repeat their order.
    private var guesses: [Int] = []

    init(_ names: [String], objects: Set<String> = []) {
        self.names = names
        bytes = names.map { Array($0.utf8) }
        self.objects = names.indices.filter { objects.contains(names[$0]) }
    }

    /// The slot of the whole object `path`, or nil when its members are asked for.
    func object(_ path: [UInt8]) -> Int? { objects.first { bytes[$0] == path } }

    /// The slot of the member `path` that is the `ordinal`-th of its record, or nil when nobody asked for it.
    func slot(_ path: FieldBytes, ordinal: Int) -> Int? {
        if ordinal < guesses.count {
            let guess = guesses[ordinal]
            if guess >= 0, path.equals(bytes[guess]) { return guess }
        }
        let found = bytes.firstIndex { path.equals($0) }
        while guesses.count <= ordinal { guesses.append(-1) }
        guesses[ordinal] = found ?? -1
        return found
    }
}

extension JSONScanner {
    /// Reads an object and puts its members to their slots in `fields`.
    mutating func object(
        into fields: inout ContiguousArray<FieldBytes>, slots: JSONSlots, prefix: [UInt8] = [], depth: Int = 0,
        ordinal: inout Int
    ) throws(RowProblem) {
        guard depth < Self.depthLimit else { throw RowProblem(column: nil, reason: "JSON nested too deeply") }
        try expect(UInt8(ascii: "{"))
        skipSpace()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return
        }
        while true {
            skipSpace()
            let key = try text()
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            try member(key, into: &fields, slots: slots, prefix: prefix, depth: depth, ordinal: &ordinal)
            skipSpace()
            if try peek() == UInt8(ascii: ",") {
                position += 1
                continue
            }
            try expect(UInt8(ascii: "}"))
            return
        }
    }

    private mutating func member(
        _ key: FieldBytes, into fields: inout ContiguousArray<FieldBytes>, slots: JSONSlots, prefix: [UInt8],
        depth: Int, ordinal: inout Int
    ) throws(RowProblem) {
        if try peek() == UInt8(ascii: "{") {
            let path = prefix + Array(key.buffer)
            if let slot = slots.object(path) {
                if collects { seen.append(String(decoding: path, as: UTF8.self)) }
                let start = position
                try skipValue(depth: depth)
                fields[slot] = FieldBytes(base: base + start, count: position - start, kind: .object)
                return
            }
            return try object(
                into: &fields, slots: slots, prefix: path + [UInt8(ascii: ".")], depth: depth + 1, ordinal: &ordinal)
        }
        let slot: Int?
        if prefix.isEmpty, !collects {
            slot = slots.slot(key, ordinal: ordinal)
        } else {
            let path = prefix + Array(key.buffer)
            if collects { seen.append(String(decoding: path, as: UTF8.self)) }
            slot = path.withUnsafeBufferPointer { bytes in
                bytes.baseAddress.flatMap { slots.slot(FieldBytes(base: $0, count: bytes.count), ordinal: ordinal) }
            }
        }
        ordinal += 1
        guard let slot else { return try skipValue(depth: depth) }
        do {
            fields[slot] = try value()
        } catch {
            throw RowProblem(column: error.column ?? (ranOut ? nil : slots.names[slot]), reason: error.reason)
        }
    }

    /// Reads a text, number, truth value, null, or a list of them.
    mutating func value() throws(RowProblem) -> FieldBytes {
        switch try peek() {
        case UInt8(ascii: "\""): return try text()
        case UInt8(ascii: "["): return try list()
        case UInt8(ascii: "{"): throw RowProblem(column: nil, reason: "an object where a value is expected")
        default: return try bareWord()
        }
    }

    private mutating func list() throws(RowProblem) -> FieldBytes {
        // The elements are gathered first: a text with escapes is written to the arena while it is read.
        var elements: [FieldBytes] = []
        try expect(UInt8(ascii: "["))
        skipSpace()
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return FieldBytes(base: base, count: 0, kind: .list)
        }
        while true {
            skipSpace()
            guard try peek() != UInt8(ascii: "["), try peek() != UInt8(ascii: "{") else {
                throw RowProblem(column: nil, reason: "a list of lists or objects where a plain list is expected")
            }
            let element = try value()
            if element.kind != .absent { elements.append(element) }
            skipSpace()
            if try peek() == UInt8(ascii: ",") {
                position += 1
                continue
            }
            try expect(UInt8(ascii: "]"))
            break
        }
        return join(elements)
    }

    private func join(_ elements: [FieldBytes]) -> FieldBytes {
        let start = arena.count
        for (index, element) in elements.enumerated() {
            if index > 0 { arena.append(FieldBytes.listSeparator) }
            for byte in element.buffer { arena.append(byte) }
        }
        return arena.field(from: start, kind: .list)
    }

    private mutating func skipValue(depth: Int) throws(RowProblem) {
        guard depth < Self.depthLimit else { throw RowProblem(column: nil, reason: "JSON nested too deeply") }
        switch try peek() {
        case UInt8(ascii: "\""): _ = try text()
        case UInt8(ascii: "["): try skipMembers(closing: UInt8(ascii: "]"), hasKeys: false, depth: depth)
        case UInt8(ascii: "{"): try skipMembers(closing: UInt8(ascii: "}"), hasKeys: true, depth: depth)
        default: _ = try bareWord()
        }
    }

    private mutating func skipMembers(closing: UInt8, hasKeys: Bool, depth: Int) throws(RowProblem) {
        position += 1
        skipSpace()
        if try peek() == closing {
            position += 1
            return
        }
        while true {
            skipSpace()
            if hasKeys {
                _ = try text()
                skipSpace()
                try expect(UInt8(ascii: ":"))
                skipSpace()
            }
            try skipValue(depth: depth + 1)
            skipSpace()
            if try peek() == UInt8(ascii: ",") {
                position += 1
                continue
            }
            return try expect(closing)
        }
    }
}
