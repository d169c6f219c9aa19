/// The header of a NumPy `.npy` file, versions 1 to 3: a Python dictionary in a line of text.
///
///     \x93NUMPY  major minor  length (2 bytes, or 4 from version 2)  {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
struct NPYHeader: Equatable {
    var descriptor: String
    var isFortran: Bool
    var shape: [Int]
    /// Bytes before the numbers.
    var length: Int

    static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

    private static let isCut = "it ends within its header: it is cut off, fetch it again"
    private static let isDamaged = "it is damaged, fetch it again or write it anew with numpy.save"

    /// Reads the header at the start of `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, file: String) throws(DataError) {
        func broken(_ reason: String) -> DataError { .badVectors(file: file, reason: reason) }
        guard bytes.count >= 10, bytes.prefix(6).elementsEqual(Self.magic) else {
            throw broken(
                "it is no .npy file: it does not begin with the word NUMPY; write it with numpy.save(path, array)")
        }
        let version = bytes[6]
        guard (1...3).contains(version) else {
            throw broken(
                "its format version \(version) is not known (1 to 3 are); write it anew with numpy.save")
        }
        let wide = version > 1
        guard !wide || bytes.count >= 12 else { throw broken(Self.isCut) }
        let text =
            wide
            ? Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
            : Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
        let start = wide ? 12 : 10
        guard text <= bytes.count - start else { throw broken(Self.isCut) }
        length = start + text
        var parser = PythonLiteral(String(decoding: bytes[start..<(start + text)], as: UTF8.self))
        guard let members = parser.dictionary() else {
            throw broken("its header is not a Python dictionary: \(Self.isDamaged)")
        }
        guard case .text(let descriptor) = members["descr"] else {
            throw broken("its numbers are of several kinds; save a plain array")
        }
        guard case .flag(let isFortran) = members["fortran_order"], case .tuple(let shape) = members["shape"] else {
            throw broken("its header lacks 'fortran_order' or 'shape': \(Self.isDamaged)")
        }
        self.descriptor = descriptor
        self.isFortran = isFortran
        self.shape = shape
    }

    /// The matrix that the header tells of, in a file of `size` bytes.
    func layout(size: Int, file: String) throws(DataError) -> MatrixLayout {
        guard let number = VectorNumber(npy: descriptor) else {
            throw .badVectors(
                file: file,
                reason: "its numbers are '\(descriptor)'; '<f2', '<f4' and '<f8' are read, so save "
                    + "array.astype('<f4')")
        }
        guard !isFortran else {
            throw .badVectors(
                file: file, reason: "it is in Fortran order, column by column; save numpy.ascontiguousarray(array)")
        }
        return try MatrixLayout(number, shape: shape, start: length, length: size - length, file: file)
    }
}

/// Reads the few Python literals that stand in the header of a `.npy` file.
private struct PythonLiteral {
    enum Value {
        case text(String)
        case flag(Bool)
        case tuple([Int])
        /// Something that is a value and none of these, such as a list of fields.
        case other
    }

    private let text: [UInt8]
    private var at = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    /// The dictionary that the text is; nil where it is none.
    mutating func dictionary() -> [String: Value]? {
        guard take("{") else { return nil }
        var members: [String: Value] = [:]
        while !take("}") {
            guard let key = string(), take(":"), let value = value() else { return nil }
            members[key] = value
            if !take(",") {
                guard take("}") else { return nil }
                break
            }
        }
        skipSpace()
        return at == text.count ? members : nil
    }

    private mutating func value() -> Value? {
        skipSpace()
        guard at < text.count else { return nil }
        switch text[at] {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return string().map { .text($0) }
        case UInt8(ascii: "("): return tuple().map { .tuple($0) }
        case UInt8(ascii: "["): return list()
        default: return word("True") ? .flag(true) : word("False") ? .flag(false) : nil
        }
    }

    private mutating func string() -> String? {
        skipSpace()
        guard at < text.count, text[at] == UInt8(ascii: "'") || text[at] == UInt8(ascii: "\"") else { return nil }
        guard let end = text[(at + 1)...].firstIndex(of: text[at]) else { return nil }
        defer { at = end + 1 }
        return String(decoding: text[(at + 1)..<end], as: UTF8.self)
    }

    private mutating func tuple() -> [Int]? {
        guard take("(") else { return nil }
        var numbers: [Int] = []
        while !take(")") {
            skipSpace()
            let digits = text[at...].prefix { (48...57).contains($0) }
            guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
            numbers.append(number)
            at += digits.count
            if !take(",") { return take(")") ? numbers : nil }
        }
        return numbers
    }

    /// Passes over a list of fields, whatever is in it.
    private mutating func list() -> Value? {
        var depth = 0
        while at < text.count {
            if text[at] == UInt8(ascii: "[") { depth += 1 }
            if text[at] == UInt8(ascii: "]") { depth -= 1 }
            at += 1
            if depth == 0 { return .other }
        }
        return nil
    }

    private mutating func word(_ word: String) -> Bool {
        guard text[at...].starts(with: word.utf8) else { return false }
        at += word.utf8.count
        return true
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard at < text.count, text[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() { while at < text.count, [9, 10, 13, 32].contains(text[at]) { at += 1 } }
}
