import Foundation
import Testing

@testable import CascadeData

/// Files made byte by byte, as NumPy and safetensors write them.
enum MatrixBytes {
    /// A `.npy` file whose header is `dictionary`, padded as NumPy does.
    static func npy(_ dictionary: String, version: UInt8 = 1, numbers: [UInt8]) -> Data {
        let prefix = version == 1 ? 10 : 12
        let spaces = (64 - (prefix + dictionary.utf8.count + 1) % 64) % 64
        let text = dictionary + String(repeating: " ", count: spaces) + "\n"
        var data = Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, version, 0])
        let length = UInt32(text.utf8.count)
        data.append(contentsOf: [UInt8(length & 255), UInt8(length >> 8 & 255)])
        if version > 1 { data.append(contentsOf: [UInt8(length >> 16 & 255), UInt8(length >> 24)]) }
        data.append(contentsOf: text.utf8)
        data.append(contentsOf: numbers)
        return data
    }

    static func npy(_ type: String = "<f4", shape: String, fortran: Bool = false, numbers: [UInt8]) -> Data {
        npy(
            "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }",
            numbers: numbers)
    }

    static func safetensors(_ json: String, numbers: [UInt8]) -> Data {
        var data = Data()
        withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: json.utf8)
        data.append(contentsOf: numbers)
        return data
    }

    static func floats(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
    }
}

@Suite struct VectorFileTests {
    // 1, -2, 0.5 and 65504, 2⁻¹⁴, -0 as the standards write them.
    private static let singles: [UInt8] = [
        0x00, 0x00, 0x80, 0x3F, 0x00, 0x00, 0x00, 0xC0, 0x00, 0x00, 0x00, 0x3F,
        0x00, 0xE0, 0x7F, 0x47, 0x00, 0x00, 0x80, 0x38, 0x00, 0x00, 0x00, 0x80,
    ]
    private static let halves: [UInt8] = [
        0x00, 0x3C, 0x00, 0xC0, 0x00, 0x38, 0xFF, 0x7B, 0x00, 0x04, 0x00, 0x80,
    ]
    private static let doubles: [UInt8] = [
        0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0x00, 0xC0, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F,
        0, 0, 0, 0, 0, 0xFC, 0xEF, 0x40, 0, 0, 0, 0, 0, 0, 0x10, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0x80,
    ]
    private static let expected: [[Float]] = [[1, -2, 0.5], [65504, 0x1p-14, -0.0]]

    private func read(_ data: Data, _ name: String = "m.npy", tensor: String? = nil) throws -> [[Float]] {
        let folder = try Folder()
        try data.write(to: folder.file(name))
        let file = try VectorFile(path: folder.file(name).path, name: name, tensor: tensor)
        return (0..<file.layout.rows).map { file.row($0) }
    }

    @Test(arguments: [("<f4", singles), ("<f2", halves), ("<f8", doubles)])
    func npyNumbersAreRead(type: String, numbers: [UInt8]) throws {
        #expect(try read(MatrixBytes.npy(type, shape: "(2, 3)", numbers: numbers)) == Self.expected)
    }

    @Test(arguments: [UInt8(1), 2, 3]) func npyVersionsAreRead(version: UInt8) throws {
        let header = "{\"shape\": (2,3), 'fortran_order':False,'descr':'<f4'}"
        #expect(try read(MatrixBytes.npy(header, version: version, numbers: Self.singles)) == Self.expected)
    }

    @Test func anEmptyMatrixHasNoRows() throws {
        #expect(try read(MatrixBytes.npy(shape: "(0, 3)", numbers: [])).isEmpty)
    }

    @Test func safetensorsAreRead() throws {
        let bfloats: [UInt8] = [0x80, 0x3F, 0x00, 0xC0]
        let json = """
            {"__metadata__": {"format": "pt", "shape": "wide", "data_offsets": "none", "dtype": "x"}, "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [4, 28]},
             "b": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, 4]}}
            """
        let data = MatrixBytes.safetensors(json, numbers: bfloats + Self.singles)
        #expect(try read(data, "m.safetensors", tensor: "a") == Self.expected)
        #expect(try read(data, "m.safetensors", tensor: "b") == [[1, -2]])
        #expect { try read(data, "m.safetensors") } throws: { "\($0)".contains("it has: a, b") }
        #expect { try read(data, "m.safetensors", tensor: "c") } throws: { "\($0)".contains("no tensor 'c'") }
        let one = MatrixBytes.safetensors(
            #"{"only": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}"#, numbers: Self.singles)
        #expect(try read(one, "m.safetensors") == Self.expected)
    }

    /// Whether a text says what to do.
    private func hasRemedy(_ error: any Error) -> Bool {
        ["save", "write", "fetch", "Fetch", "reduce"].contains { "\(error)".contains($0) }
    }

    @Test func vectorsThatAreTooWideAreRefused() throws {
        let folder = try Folder()
        try folder.write("ids.txt", "a\n")
        try MatrixBytes.npy("<f2", shape: "(1, 16385)", numbers: [UInt8](repeating: 0, count: 32_770))
            .write(to: folder.file("m.npy"))
        let mapping = VectorMapping(name: "image", file: "m.npy", ids: "ids.txt")
        #expect { try VectorSource.find(mapping, in: folder.url) } throws: {
            "\($0)".contains("m.npy") && "\($0)".contains("16385 columns") && hasRemedy($0)
        }
    }

    @Test(arguments: [
        (MatrixBytes.npy("<i8", shape: "(2, 3)", numbers: doubles), "'<i8'"),
        (MatrixBytes.npy(">f4", shape: "(2, 3)", numbers: singles), "'>f4'"),
        (MatrixBytes.npy(shape: "(2, 3)", fortran: true, numbers: singles), "Fortran order"),
        (MatrixBytes.npy(shape: "(6,)", numbers: singles), "its shape is (6)"),
        (MatrixBytes.npy(shape: "(1, 2, 3)", numbers: singles), "its shape is (1, 2, 3)"),
        (MatrixBytes.npy(shape: "(2, 0)", numbers: []), "makes no vectors"),
        (MatrixBytes.npy(shape: "(2, 3)", numbers: Array(singles.dropLast())), "but there are 23"),
        (MatrixBytes.npy(shape: "(2, 3)", numbers: singles + [0]), "but there are 25"),
        (MatrixBytes.npy(shape: "(4611686018427387904, 4)", numbers: singles), "more bytes than can be"),
        (MatrixBytes.npy(shape: "(99999999999999999999, 4)", numbers: singles), "not a Python dictionary"),
        (MatrixBytes.npy(shape: "(-2, 3)", numbers: singles), "not a Python dictionary"),
        (
            MatrixBytes.npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}", numbers: singles),
            "plain"
        ),
        (MatrixBytes.npy("{'descr': '<f4', 'shape': (2, 3)}", numbers: singles), "lacks"),
        (MatrixBytes.npy("['descr']", numbers: singles), "not a Python dictionary"),
        (MatrixBytes.npy("{}", version: 9, numbers: singles), "version 9"),
        (MatrixBytes.npy(shape: "(2, 3)", numbers: singles).prefix(40), "ends within its header"),
        (Data("PK\u{3}\u{4} an archive".utf8), "no .npy file"),
        (Data(), "is empty"),
    ]) func badNPYFilesAreRefused(data: Data, reason: String) throws {
        #expect { try read(data) } throws: {
            "\($0)".contains("m.npy") && "\($0)".contains(reason) && hasRemedy($0)
        }
    }

    @Test(arguments: [
        (
            MatrixBytes.safetensors(
                #"{"a": {"dtype": "I64", "shape": [1, 3], "data_offsets": [0, 24]}}"#, numbers: singles), "I64"
        ),
        (
            MatrixBytes.safetensors(
                #"{"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 28]}}"#, numbers: singles),
            "within the file"
        ),
        (
            MatrixBytes.safetensors(
                #"{"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [24, 0]}}"#, numbers: singles),
            "within the file"
        ),
        (
            MatrixBytes.safetensors(
                #"{"a": {"dtype": "F32", "shape": [9, 3], "data_offsets": [0, 24]}}"#, numbers: singles), "108 bytes"
        ),
        (MatrixBytes.safetensors(#"{"a": {"shape": [2, 3]}}"#, numbers: singles), "within the file"),
        (MatrixBytes.safetensors("[1, 2]", numbers: []), "not the JSON"),
        (Data(repeating: 0xFF, count: 40), "no .safetensors file"),
        (Data([1, 2, 3]), "ends within its header"),
    ]) func badSafetensorsAreRefused(data: Data, reason: String) throws {
        #expect { try read(data, "m.safetensors") } throws: {
            "\($0)".contains("m.safetensors") && "\($0)".contains(reason) && hasRemedy($0)
        }
    }

    @Test func cutAnywhereAFileIsRefusedAndNotRead() throws {
        let whole = MatrixBytes.npy(shape: "(2, 3)", numbers: Self.singles)
        for length in 0..<whole.count {
            #expect(throws: DataError.self, "\(length)") { try read(whole.prefix(length)) }
        }
    }
}
