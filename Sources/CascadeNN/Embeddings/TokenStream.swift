/// The tokens of an epoch: the sequences in a drawn order, without the tokens that subsampling left out.
struct TokenStream {
    private(set) var tokens: [Int32] = []
    /// [tokens] where the sequence of a token begins, and its end.
    private var starts: [Int32] = []
    private var ends: [Int32] = []
    private(set) var seed: UInt64 = 0

    /// The places of the sequence that `place` lies in.
    func sequence(of place: Int) -> Range<Int> { Int(starts[place])..<Int(ends[place]) }

    /// - Parameter keep: [vocabulary] probability with which a token stays.
    mutating func fill(_ sequences: TokenSequences, keep: [Float], seed: UInt64) {
        self.seed = mixedSeed(seed, 1)
        tokens.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        var random = PlaceRandom(seed: seed, place: 0)
        var order = Array(0..<sequences.count)
        for index in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(index, random.below(index + 1)) }
        for sequence in order {
            let start = tokens.count
            for place in sequences.range(sequence) {
                let token = sequences.tokens[place]
                if keep[Int(token)] < 1, Float(random.uniform()) >= keep[Int(token)] { continue }
                tokens.append(token)
            }
            // One token alone has no context.
            if tokens.count - start < 2 { tokens.removeSubrange(start...) }
            for _ in start..<tokens.count {
                starts.append(Int32(truncatingIfNeeded: start))
                ends.append(Int32(truncatingIfNeeded: tokens.count))
            }
        }
    }
}
