import CascadeIndex
import Foundation
import Testing

/// Files: the same answers after a round trip, whole or absent, and never a crash whatever they hold.
@Suite struct HNSWFileTests {
    static let dimension = 12
    static let count = 700
    static let vectors = clusteredVectors(count: count, dimension: dimension, clusters: 8, seed: 41)
    static let builder = HNSWBuilder(threads: 1, seed: 5)
    static let headerBytes = 256

    static func query(_ row: Int) -> [Float] { vector(vectors, row, dimension: dimension) }

    static func fileBytes(_ storage: VectorStorage = .float32) throws -> Data {
        try withTemporaryFolder { folder in
            try builder.build(vectors: vectors, dimension: dimension).write(to: folder + "/index", storage: storage)
            return try Data(contentsOf: URL(fileURLWithPath: folder + "/index"))
        }
    }

    /// Opens a file of these bytes and searches it; the error if it is refused.
    static func outcome(of bytes: Data, in folder: String) throws -> IndexError? {
        let path = folder + "/altered"
        try bytes.write(to: URL(fileURLWithPath: path))
        do {
            let index = try HNSWIndex(path: path)
            guard index.count > 0 else { return nil }
            let query = [Float](repeating: 0.25, count: index.dimension)
            for effort in [1, 50] { _ = try index.search(query, k: 10, effort: effort) }
            let odd = RowSet(universe: index.count, rows: stride(from: 1, to: Int32(clamping: index.count), by: 2))
            _ = try index.search(query, k: 10, filter: .blocking(odd), effort: 2)
            return nil
        } catch {
            return error
        }
    }

    static func names(_ error: IndexError?, _ path: String) -> Bool {
        if case .unusableFile(let text) = error { text.hasPrefix(path) } else { false }
    }

    /// The header's own number: FNV-1a, 64 bits, of the bytes before it.
    static func sealed(_ bytes: Data) -> Data {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes.prefix(headerBytes - 8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var sealed = bytes
        withUnsafeBytes(of: hash.littleEndian) { number in
            sealed.replaceSubrange(headerBytes - 8..<headerBytes, with: number)
        }
        return sealed
    }

    /// Where a section begins, by its number in the header.
    static func begin(ofSection number: Int, in bytes: Data) -> Int {
        Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 80 + 16 * number, as: UInt64.self) })
    }

    @Test(arguments: VectorStorage.allCases)
    func oneThreadBuildsTheSameFileEveryTime(_ storage: VectorStorage) throws {
        #expect(try Self.fileBytes(storage) == Self.fileBytes(storage))
    }

    @Test func roundTripKeepsEveryBit() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/index"
            let parameters = try HNSWParameters(m: 8, efConstruction: 60, efSearch: 33)
            let graph = try HNSWBuilder(parameters: parameters, threads: 1)
                .build(vectors: Self.vectors, dimension: Self.dimension)
            #expect(graph.count == Self.count)
            #expect(graph.dimension == Self.dimension)
            try graph.write(to: path)
            let first = try HNSWIndex(path: path)
            #expect(first.parameters == parameters)
            let other = try HNSWIndex(path: path, efSearch: 99)
            #expect(other.parameters.efSearch == 99)
            try FileManager.default.removeItem(atPath: path)
            for row in 0..<Self.count { #expect(try first.vector(at: row) == Self.query(row)) }
            let exact = try FlatIndex(vectors: Self.vectors, dimension: Self.dimension)
            for row in 0..<50 {
                #expect(try first.search(Self.query(row), k: 9) == other.search(Self.query(row), k: 9, effort: 33))
                #expect(try first.exact.search(Self.query(row), k: 9) == exact.search(Self.query(row), k: 9))
            }
            #expect(throws: IndexError.rowOutOfRange(row: 700, count: 700)) { try first.vector(at: 700) }
        }
    }

    @Test func writingReplacesAndLeavesNothingElse() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/index"
            for rows in [100, 300] {
                let vectors = Array(Self.vectors.prefix(rows * Self.dimension))
                let index = try Self.builder.build(vectors: vectors, dimension: Self.dimension, path: path)
                #expect(index.count == rows)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["index"])
        }
    }

    @Test func unwritablePlacesAreErrors() throws {
        let graph = try Self.builder.build(vectors: Self.vectors, dimension: Self.dimension)
        #expect {
            try graph.write(to: "/nowhere/at/all/index")
        } throws: { error in
            if case IndexError.ioFailed(let text) = error { text.contains("/nowhere/at/all/index") } else { false }
        }
        #expect {
            try HNSWIndex(path: "/nowhere/at/all/index")
        } throws: { error in
            if case IndexError.ioFailed(let text) = error { text.contains("/nowhere/at/all/index") } else { false }
        }
    }

    @Test func flatFilesHoldNoGraph() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/flat"
            try FlatIndex(vectors: Self.vectors, dimension: Self.dimension).write(to: path)
            #expect(try FlatIndex(path: path).count == Self.count)
            #expect {
                try HNSWIndex(path: path)
            } throws: {
                Self.names($0 as? IndexError, path)
            }
        }
    }

    @Test(arguments: VectorStorage.allCases)
    func filesCutShortAreRefused(_ storage: VectorStorage) throws {
        let bytes = try Self.fileBytes(storage)
        try withTemporaryFolder { folder in
            var random = TestRandom(seed: 42)
            var lengths = [0, 1, 8, 255, 256, 257, 320, bytes.count / 2, bytes.count - 64, bytes.count - 1]
            for _ in 0..<60 { lengths.append(Int(random.next() % UInt64(bytes.count))) }
            for length in lengths {
                let error = try Self.outcome(of: bytes.prefix(length), in: folder)
                #expect(Self.names(error, folder + "/altered"), "cut to \(length)")
            }
            let error = try Self.outcome(of: bytes + [0], in: folder)
            #expect(Self.names(error, folder + "/altered"))
            #expect(try Self.outcome(of: bytes, in: folder) == nil)
        }
    }

    @Test(arguments: VectorStorage.allCases)
    func everyByteOfTheHeaderIsGuarded(_ storage: VectorStorage) throws {
        let bytes = try Self.fileBytes(storage)
        try withTemporaryFolder { folder in
            for position in 0..<Self.headerBytes {
                var altered = bytes
                altered[position] ^= 0x10
                let error = try Self.outcome(of: altered, in: folder)
                #expect(Self.names(error, folder + "/altered"), "byte \(position)")
            }
        }
    }

    @Test func garbageIsRefused() throws {
        try withTemporaryFolder { folder in
            for seed in 0..<20 as Range<UInt64> {
                var random = TestRandom(seed: seed)
                let bytes = Data((0..<2000).map { _ in UInt8(truncatingIfNeeded: random.next()) })
                let error = try Self.outcome(of: bytes, in: folder)
                #expect(Self.names(error, folder + "/altered"), "seed \(seed)")
            }
        }
    }

    /// A sealed header may hold anything; whatever is accepted must be safe to search.
    @Test(arguments: VectorStorage.allCases)
    func sealedNonsenseNeverCrashes(_ storage: VectorStorage) throws {
        let bytes = try Self.fileBytes(storage)
        let numbers: [UInt32] = [0, 1, 2, 63, 64, 65, 255, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff]
        var refused = 0
        try withTemporaryFolder { folder in
            for position in stride(from: 8, to: Self.headerBytes - 8, by: 4) {
                for number in numbers {
                    var altered = bytes
                    withUnsafeBytes(of: number.littleEndian) {
                        altered.replaceSubrange(position..<position + 4, with: $0)
                    }
                    if try Self.outcome(of: Self.sealed(altered), in: folder) != nil { refused += 1 }
                }
            }
        }
        #expect(refused > 200)
    }

    @Test func linksToRowsThatDoNotExistAreRefused() throws {
        let bytes = try Self.fileBytes()
        let level0 = Self.begin(ofSection: 1, in: bytes)
        try withTemporaryFolder { folder in
            for row in [0, 350, 699] {
                for number in [Int32(Self.count), -2, .max, .min] {
                    var altered = bytes
                    let position = level0 + row * 32 * 4
                    withUnsafeBytes(of: number.littleEndian) {
                        altered.replaceSubrange(position..<position + 4, with: $0)
                    }
                    let error = try Self.outcome(of: altered, in: folder)
                    #expect(Self.names(error, folder + "/altered"), "row \(row) to \(number)")
                }
            }
        }
    }

    @Test(arguments: VectorStorage.allCases)
    func alteredBodiesNeverCrash(_ storage: VectorStorage) throws {
        let bytes = try Self.fileBytes(storage)
        try withTemporaryFolder { folder in
            for seed in 0..<400 as Range<UInt64> {
                var random = TestRandom(seed: seed)
                var altered = bytes
                for _ in 0...random.next() % 8 {
                    let body = UInt64(bytes.count - Self.headerBytes)
                    let position = Self.headerBytes + Int(random.next() % body)
                    altered[position] = UInt8(truncatingIfNeeded: random.next())
                }
                let error = try Self.outcome(of: altered, in: folder)
                #expect(error == nil || Self.names(error, folder + "/altered"), "seed \(seed)")
            }
        }
    }

    @Test(arguments: [VectorStorage.bfloat16, .int8])
    func alteredCodesAreRefused(_ storage: VectorStorage) throws {
        let bytes = try Self.fileBytes(storage)
        let codes = Self.begin(ofSection: 4, in: bytes)
        let rowBytes = 64
        try withTemporaryFolder { folder in
            for row in [0, 350, 699] {
                // The padding is a part of the codes too.
                for byte in [0, 11, rowBytes - 1] {
                    var altered = bytes
                    altered[codes + row * rowBytes + byte] ^= 0x40
                    let error = try Self.outcome(of: altered, in: folder)
                    #expect(Self.names(error, folder + "/altered"), "byte \(byte) of row \(row)")
                }
            }
        }
    }

    @Test func alteredScalesOfCodesAreRefused() throws {
        let bytes = try Self.fileBytes(.int8)
        let scale = Self.begin(ofSection: 5, in: bytes)
        try withTemporaryFolder { folder in
            for (component, value) in [(0, Float.nan), (3, 9), (16, .infinity), (20, -1)] {
                var altered = bytes
                let position = scale + component * 4
                withUnsafeBytes(of: value.bitPattern.littleEndian) {
                    altered.replaceSubrange(position..<position + 4, with: $0)
                }
                let error = try Self.outcome(of: altered, in: folder)
                #expect(Self.names(error, folder + "/altered"), "component \(component)")
            }
        }
    }
}
