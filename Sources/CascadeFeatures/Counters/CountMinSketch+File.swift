import CascadeCore
package import Foundation

/// A sketch as bytes: nine words of 64 bits (magic, width, depth, seed, interval of the decay or 0, its factor, updates
/// since the last, all updates, a hash of what follows), then the counters. Little-endian.
extension CountMinSketch {
    private static let magic: UInt64 = 0x3148_4354_4B53_4D43
    private static let headerWords = 9

    package func encode() -> Data {
        let body = Self.data(counters.map(\.bitPattern))
        let header: [UInt64] = [
            Self.magic, UInt64(width), UInt64(depth), seed, UInt64(decay?.interval ?? 0),
            (decay?.factor ?? 0).bitPattern, UInt64(sinceDecay), total.bitPattern, Self.hash(body),
        ]
        return Self.data(header) + body
    }

    /// Reads what `encode` wrote; anything else is refused.
    package init(decoding data: Data) throws(FeatureError) {
        guard data.count >= Self.headerWords * 8, data.count % 8 == 0 else {
            throw .badSketch(reason: "the file ends early")
        }
        let words = Self.words(data)
        guard words[0] == Self.magic else { throw .badSketch(reason: "the file is not one of a sketch") }
        guard let width = Int(exactly: words[1]), let depth = Int(exactly: words[2]),
            let interval = Int(exactly: words[4]), let sinceDecay = Int(exactly: words[6])
        else { throw .badSketch(reason: "the file is damaged") }
        let decay = interval == 0 ? nil : Decay(factor: Double(bitPattern: words[5]), interval: interval)
        // Its size comes before its memory: a damaged number must not ask for gigabytes.
        guard (words.count - Self.headerWords).isMultiple(of: max(1, depth)),
            (words.count - Self.headerWords) / max(1, depth) == width
        else { throw .badSketch(reason: "the file has another size than its header says") }
        guard words[8] == Self.hash(data.dropFirst(Self.headerWords * 8)) else {
            throw .badSketch(reason: "the file is damaged")
        }
        try self.init(width: width, depth: depth, seed: words[3], decay: decay)
        counters = words.dropFirst(Self.headerWords).map { Double(bitPattern: $0) }
        total = Double(bitPattern: words[7])
        self.sinceDecay = sinceDecay
        guard total.isFinite, total >= 0, sinceDecay < max(1, interval),
            counters.allSatisfy({ $0 >= 0 && $0.isFinite })
        else { throw .badSketch(reason: "the file is damaged") }
    }

    private static func hash(_ data: Data) -> UInt64 {
        data.withUnsafeBytes { StableHash.hash($0, seed: magic) }
    }

    private static func data(_ words: [UInt64]) -> Data {
        words.map(\.littleEndian).withUnsafeBytes { Data($0) }
    }

    private static func words(_ data: Data) -> [UInt64] {
        data.withUnsafeBytes { bytes in
            (0..<(data.count / 8)).map {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self))
            }
        }
    }
}
