/// Vectors of one width behind one another, in chunks: of a copy that grows, only the last chunk is made anew.
struct VectorChunks: Sendable {
    /// Vectors of a chunk.
    static let size = 256

    let width: Int
    private(set) var count = 0
    /// All but the last one are full.
    private var chunks: [[Float]] = []

    init(width: Int) { self.width = width }

    /// Puts a vector behind the others.
    mutating func append(_ vector: [Float]) {
        if count % Self.size == 0 { chunks.append([]) }
        chunks[chunks.count - 1] += vector
        count += 1
    }

    /// Lends the vector at `place`.
    func lend<Result>(_ place: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        try chunks[place / Self.size].withUnsafeBufferPointer { chunk in
            let start = place % Self.size * width
            return try body(UnsafeBufferPointer(rebasing: chunk[start..<(start + width)]))
        }
    }

    /// Lends one chunk after another.
    func forEach(_ body: (UnsafeBufferPointer<Float>) throws -> Void) rethrows {
        for chunk in chunks { try chunk.withUnsafeBufferPointer(body) }
    }
}
