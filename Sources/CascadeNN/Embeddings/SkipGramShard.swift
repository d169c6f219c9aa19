import CKernels

/// The part of a step that one thread computes, in buffers that are there before the first.
final class SkipGramShard {
    private let settings: SkipGram
    /// Rows of a token's context: it and the drawn ones.
    private let group: Int
    private let ids: UnsafeMutablePointer<Int32>
    private let coefficients: UnsafeMutablePointer<Float>
    private let centreOf: UnsafeMutablePointer<Int32>
    private let centres: UnsafeMutablePointer<Int32>
    private let gradients: AlignedBuffer
    private var rows = 0
    private var used = 0
    /// Summed over the steps of an epoch.
    private(set) var loss = 0.0
    private(set) var pairs = 0

    /// Rows that `places` places look up at most.
    static func capacity(_ settings: SkipGram, places: Int) -> Int {
        places * 2 * settings.window * (settings.negatives + 1)
    }

    init(_ settings: SkipGram, places: Int) throws(NNError) {
        self.settings = settings
        group = settings.negatives + 1
        let capacity = Self.capacity(settings, places: places)
        gradients = try AlignedBuffer(count: places * settings.dimension)
        ids = .allocate(capacity: capacity)
        coefficients = .allocate(capacity: capacity)
        centreOf = .allocate(capacity: capacity)
        centres = .allocate(capacity: places)
    }

    deinit {
        ids.deallocate()
        coefficients.deallocate()
        centreOf.deallocate()
        centres.deallocate()
    }

    func beginEpoch() {
        loss = 0
        pairs = 0
    }

    /// Computes losses and gradients of `places` of an epoch with the present vectors.
    func compute(
        _ places: Range<Int>, of stream: borrowing TokenStream, negatives: borrowing AliasTable,
        centres vectors: UnsafePointer<Float>, contexts: UnsafePointer<Float>
    ) {
        rows = 0
        used = 0
        for place in places {
            let range = stream.sequence(of: place)
            // Its own numbers for every place, whoever computes it.
            var random = PlaceRandom(seed: stream.seed, place: place)
            let reach = 1 + random.below(settings.window)
            let centre = stream.tokens[place]
            let start = rows
            for other in max(range.lowerBound, place - reach)..<min(range.upperBound, place + reach + 1) {
                let token = stream.tokens[other]
                // A token is no context of itself.
                if token == centre { continue }
                ids[rows] = token
                for drawn in 1..<group { ids[rows + drawn] = negatives.draw(random.next()) }
                rows += group
            }
            guard rows > start else { continue }
            for row in start..<rows { centreOf[row] = centre }
            let dimension = settings.dimension
            let observed = (rows - start) / group
            loss += ck_negative_sampling(
                gradients.base + used * dimension, coefficients + start, vectors + Int(centre) * dimension, contexts,
                ids + start, observed, group, dimension)
            pairs += observed
            centres[used] = centre
            used += 1
        }
    }

    /// The gradients of the centres.
    var centreLookups: ck_lookups {
        ck_lookups(
            ids: centres, gradient: gradients.base, row_of: nil, scale: nil, ld: settings.dimension, count: used,
            width: 1)
    }

    /// The gradients of the contexts: each a multiple of its centre's vector.
    func contextLookups(_ vectors: UnsafePointer<Float>) -> ck_lookups {
        ck_lookups(
            ids: ids, gradient: vectors, row_of: centreOf, scale: coefficients, ld: settings.dimension, count: rows,
            width: 1)
    }
}

/// Random numbers of one place of an epoch.
struct PlaceRandom {
    private var state: UInt64

    init(seed: UInt64, place: Int) { state = mixedSeed(seed, UInt64(truncatingIfNeeded: place)) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return mixedSeed(state, 0)
    }

    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
