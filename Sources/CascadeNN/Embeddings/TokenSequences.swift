/// Sequences of tokens, one after another in one array.
package struct TokenSequences: Sendable, Equatable {
    package private(set) var tokens: [Int32] = []
    /// Where each sequence ends in `tokens`.
    package private(set) var ends: [Int] = []

    package init() {}

    package init(_ sequences: [[Int32]]) {
        for sequence in sequences { append(sequence) }
    }

    package var count: Int { ends.count }

    /// Adds a sequence; one without tokens is left out.
    package mutating func append(_ sequence: some Sequence<Int32>) {
        tokens.append(contentsOf: sequence)
        if tokens.count > ends.last ?? 0 { ends.append(tokens.count) }
    }

    /// The places of a sequence in `tokens`.
    package func range(_ sequence: Int) -> Range<Int> { (sequence == 0 ? 0 : ends[sequence - 1])..<ends[sequence] }

    /// [vocabulary] how often each token stands beside another one; a sequence of one token tells nothing.
    package func counts(vocabulary: Int) throws(NNError) -> [Int] {
        var counts = [Int](repeating: 0, count: vocabulary)
        for sequence in 0..<count {
            let range = range(sequence)
            for place in range {
                let token = tokens[place]
                guard token >= 0, Int(token) < vocabulary else {
                    throw .embeddings(
                        "sequence \(sequence) holds token \(token), but there are \(vocabulary); number tokens from 0")
                }
                if range.count > 1 { counts[Int(token)] += 1 }
            }
        }
        return counts
    }
}
