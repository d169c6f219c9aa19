package import Foundation

/// The counters of a release as bytes: for each key, then for the popularity and for all interactions, the number of
/// slots, their hashes, their counts.
///
/// Little-endian; the manifest's checksum guards the content, the sizes are checked here.
package enum CounterFile {
    private static let magic: UInt64 = 0x3353_5254_4E43_5343

    package static func encode(_ set: CounterSet, heads: Int) -> Data {
        var data = Data()
        for word in [magic, UInt64(heads), UInt64(set.tables.count)] { append(word, to: &data) }
        for table in set.tables + [set.popularity, set.interactions] {
            append(UInt64(table.keys.count), to: &data)
            table.keys.withUnsafeBytes { data.append(contentsOf: $0) }
            table.counts.withUnsafeBytes { data.append(contentsOf: $0) }
        }
        return data
    }

    /// Reads the tables of `map`; a file of another shape is refused.
    package static func decode(_ data: Data, map: FeatureMap) throws(FeatureError) -> CounterSet {
        var reader = Reader(data: data)
        guard try reader.word() == magic else {
            throw .badMap(reason: "the counters are of another version of the program, or none")
        }
        guard try reader.word() == UInt64(map.counterHeads), try reader.word() == UInt64(map.counters.count) else {
            throw .badMap(reason: "the counters belong to another feature map")
        }
        var tables: [CounterTable] = []
        for _ in map.counters { tables.append(try table(&reader, heads: map.counterHeads)) }
        let popularity = try table(&reader, heads: 0)
        let interactions = try table(&reader, heads: 0)
        guard reader.position == data.count else { throw .badMap(reason: "the counters have bytes left over") }
        return CounterSet(tables: tables, popularity: popularity, interactions: interactions)
    }

    private static func table(_ reader: inout Reader, heads: Int) throws(FeatureError) -> CounterTable {
        let slots = try reader.word()
        guard slots <= UInt64(reader.data.count) else { throw .badMap(reason: "the counters are damaged") }
        let keys: [UInt64] = try reader.array(Int(slots))
        let counts: [Float] = try reader.array(Int(slots) * (1 + 2 * heads))
        return CounterTable(heads: heads, keys: keys, counts: counts)
    }

    private static func append(_ word: UInt64, to data: inout Data) {
        withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
    }

    private struct Reader {
        let data: Data
        var position = 0

        mutating func word() throws(FeatureError) -> UInt64 {
            let words: [UInt64] = try array(1)
            return words[0]
        }

        mutating func array<Element: BitwiseCopyable & Numeric>(_ count: Int) throws(FeatureError) -> [Element] {
            let bytes = count * MemoryLayout<Element>.stride
            guard position + bytes <= data.count else { throw .badMap(reason: "the counters end early") }
            var result = [Element](repeating: 0, count: count)
            let start = data.startIndex + position
            result.withUnsafeMutableBytes { target in
                _ = data.copyBytes(to: target, from: start..<(start + bytes))
            }
            position += bytes
            return result
        }
    }
}
