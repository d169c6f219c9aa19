import CascadeCore
package import CascadeFeatures
import Foundation

/// The content vectors of a release's items, by the rows of its catalog; mapped and read where they lie.
///
/// Little-endian: a magic word, the numbers of items and of kinds; for each kind its width, the number of its vectors, and
/// its name in 64 bytes that end in zeros; then for each kind `[items]` places (Int32, -1: none) and `[vectors × width]`
/// floats, each of the two from a multiple of 64 bytes on. The manifest's checksum guards the content, the sizes and places
/// are checked here.
package enum ItemVectorsFile {
    package static let name = "item_vectors.bin"

    private static let magic: UInt64 = 0x3130_4345_5645_4E43
    private static let headerBytes = 24
    private static let kindBytes = 80
    private static let alignment = 64

    /// Writes the kinds `names` of `vectors`.
    ///
    /// - Throws: `ModelError.unwritable` naming the file, as where the disk is full.
    package static func write(_ vectors: ItemVectors, names: [String], to path: String) throws(ModelError) {
        let kinds = names.compactMap { name in vectors.kind(name).map { vectors.kinds[$0] } }
        var header = Data()
        for word in [magic, UInt64(vectors.count), UInt64(kinds.count)] { append(word, to: &header) }
        for kind in kinds {
            append(UInt64(kind.definition.width), to: &header)
            append(UInt64(kind.present), to: &header)
            let name = Data(kind.definition.name.utf8.prefix(64))
            header.append(name + Data(count: 64 - name.count))
        }
        pad(&header)
        guard FileManager.default.createFile(atPath: path, contents: header) else {
            throw .unwritable(file: path, reason: "it cannot be made")
        }
        do {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            defer { try? file.close() }
            try file.seekToEnd()
            for kind in kinds {
                try write(kind.places.count, to: file) { kind.places[$0].littleEndian }
                try pad(kind.places.count, file)
                try kind.forEachPart { part in try write(part.count, to: file) { part[$0].bitPattern.littleEndian } }
                try pad(kind.present * kind.definition.width, file)
            }
        } catch {
            throw .unwritable(file: path, reason: error.localizedDescription)
        }
    }

    /// Maps the file at `path`, which must hold vectors of the kinds that `features` read, for `items` rows.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file where it is not whole or does not fit.
    package static func read(path: String, items: Int, features: [VectorFeature]) throws(ModelError) -> ItemVectors {
        func corrupt(_ reason: String) -> ModelError { .corruptArtifact(file: path, reason: reason) }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
            throw corrupt("the file is missing or unreadable")
        }
        guard data.count >= headerBytes, word(0, of: data) == magic else {
            throw corrupt("it holds no vectors of items")
        }
        guard word(8, of: data) == UInt64(items) else {
            throw corrupt("it has vectors of \(word(8, of: data)) items, the catalog has \(items)")
        }
        let count = word(16, of: data)
        guard count <= UInt64((data.count - headerBytes) / kindBytes) else {
            throw corrupt("it ends within its header")
        }
        var start = aligned(headerBytes + Int(count) * kindBytes)
        var kinds: [(definition: VectorDefinition, places: [Int32], start: Int, present: Int)] = []
        for index in 0..<Int(count) {
            let at = headerBytes + index * kindBytes
            let (width, present) = (word(at, of: data), word(at + 8, of: data))
            guard (1...UInt64(VectorDefinition.maximumWidth)).contains(width), present <= UInt64(items) else {
                throw corrupt("it tells of \(present) vectors of \(width) numbers")
            }
            let name = String(decoding: data[(at + 16)..<(at + kindBytes)].prefix { $0 != 0 }, as: UTF8.self)
            let values = start + aligned(4 * items)
            let end = values + aligned(4 * Int(present) * Int(width))
            guard end <= data.count else { throw corrupt("it ends within the vectors '\(name)'") }
            let places = places(data, from: start, count: items)
            guard places.allSatisfy({ $0 >= -1 && $0 < Int32(present) }) else {
                throw corrupt("an item's vector '\(name)' lies elsewhere")
            }
            kinds.append((VectorDefinition(name: name, width: Int(width)), places, values, Int(present)))
            start = end
        }
        guard start == data.count else { throw corrupt("it has \(data.count) bytes, which is not what it says") }
        for feature in features
        where !kinds.contains(where: { $0.definition == .init(name: feature.name, width: feature.centre.count) }) {
            throw corrupt("it has no vectors '\(feature.name)' of \(feature.centre.count) numbers")
        }
        return ItemVectors(mapped: data, count: items, kinds: kinds)
    }

    private static func places(_ data: Data, from start: Int, count: Int) -> [Int32] {
        data.withUnsafeBytes { bytes in
            (0..<count).map { Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4 * $0, as: Int32.self)) }
        }
    }

    /// Writes `count` words of four bytes in pieces.
    private static func write<Word: FixedWidthInteger>(
        _ count: Int, to file: FileHandle, _ word: (Int) -> Word
    ) throws {
        for start in stride(from: 0, to: count, by: 1 << 18) {
            let end = min(count, start + 1 << 18)
            try (start..<end).map(word).withUnsafeBytes { try file.write(contentsOf: Data($0)) }
        }
    }

    /// Writes zeros behind `count` words, up to a multiple of the alignment.
    private static func pad(_ count: Int, _ file: FileHandle) throws {
        try file.write(contentsOf: Data(count: aligned(4 * count) - 4 * count))
    }

    private static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }

    private static func pad(_ data: inout Data) { data.append(Data(count: aligned(data.count) - data.count)) }

    private static func word(_ offset: Int, of data: Data) -> UInt64 {
        data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    }

    private static func append(_ word: UInt64, to data: inout Data) {
        withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
    }
}
