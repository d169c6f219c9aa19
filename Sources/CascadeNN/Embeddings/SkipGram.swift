/// Vectors for tokens that stand near each other in sequences: skip-gram with negative sampling.
///
/// For a token c, a token o at most `window` places away and drawn tokens j, the loss is
/// `softplus(−⟨v_c, u_o⟩) + Σ_j softplus(⟨v_c, u_j⟩)`; j is drawn with probability `countᵖ`. The v are the result.
///
/// A step takes `batch` places of the sequences. All its losses are computed with the same vectors, and the gradients
/// of a row are summed in the order of the places and applied once, scaled by the row's gradients so far (AdaGrad, one
/// number a row). So the bits of the vectors depend on the seed alone, not on the threads.
///
/// Source: Mikolov et al., "Distributed representations of words and phrases and their compositionality" (2013).
package struct SkipGram: Sendable, Equatable {
    /// Floats of a vector.
    package var dimension = 64
    /// Places to each side that can be a token's context; each time a uniform share of them, so that near ones count more.
    package var window = 5
    /// Drawn tokens for each observed one.
    package var negatives = 5
    /// p: the power of its count that a token is drawn with.
    package var exponent = 0.75
    /// A token of share f is left out with probability `1 − √(s/f) − s/f` where that is positive; 0 leaves out none.
    package var subsampling = 1e-3
    package var epochs = 5
    /// Falls linearly to a hundredth over the run.
    package var learningRate = 0.05
    /// Places of a step.
    package var batch = 1024
    package var seed: UInt64 = 1
    package var threads = 1

    package init() {}

    /// Learns the vectors of the tokens of `sequences`, which are less than `vocabulary`.
    ///
    /// Blocks the calling thread, and computes on `threads` of its own: not for the cooperative pool.
    ///
    /// - Throws: `embeddings` for settings out of range, a token that is not in the vocabulary, or sequences without two
    ///   tokens beside each other; `nonFinite` where the vectors ran away.
    package func train(_ sequences: TokenSequences, vocabulary: Int) throws(NNError) -> TokenEmbeddings {
        try check(vocabulary: vocabulary)
        guard sequences.tokens.count < Int(Int32.max) else {
            throw .embeddings("the sequences hold \(sequences.tokens.count) tokens; give less than 2147483647")
        }
        let counts = try sequences.counts(vocabulary: vocabulary)
        guard counts.contains(where: { $0 > 0 }) else {
            throw .embeddings("no sequence holds two tokens; give longer sequences")
        }
        let run = try SkipGramRun(self, sequences, counts: counts)
        return TokenEmbeddings(vectors: try run.train(), dimension: dimension, counts: counts, losses: run.losses)
    }

    private func check(vocabulary: Int) throws(NNError) {
        func require(_ holds: Bool, _ rule: String) throws(NNError) { if !holds { throw .embeddings(rule) } }
        try require(vocabulary >= 1 && vocabulary < Int(Int32.max), "the vocabulary must be 1 to 2147483646 tokens")
        try require((1...4096).contains(dimension), "dimension must be 1 to 4096")
        try require((1...1000).contains(window), "window must be 1 to 1000")
        try require((1...1000).contains(negatives), "negatives must be 1 to 1000")
        try require((0...1).contains(exponent), "exponent must be 0 (all tokens alike) to 1 (by count)")
        try require((0...1).contains(subsampling), "subsampling must be 0 (none) to 1")
        try require((1...10_000).contains(epochs), "epochs must be 1 to 10000")
        try require(learningRate > 0 && learningRate <= 10, "learningRate must be above 0, at most 10")
        try require((1...1_000_000).contains(batch), "batch must be 1 to 1000000")
        try require((1...256).contains(threads), "threads must be 1 to 256")
    }
}

/// The vectors of tokens.
package struct TokenEmbeddings: Sendable, Equatable {
    /// [vocabulary × dimension]; zeros for a token that stood beside none.
    package let vectors: [Float]
    package let dimension: Int
    /// [vocabulary] how often each stood beside another.
    package let counts: [Int]
    /// [epochs] mean loss of a token and a context with its drawn tokens.
    package let losses: [Double]
}
