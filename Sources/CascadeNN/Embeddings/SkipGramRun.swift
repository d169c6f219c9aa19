import CKernels

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A training of skip-gram vectors under way.
///
/// Three meetings a step: all losses with the same vectors; then the sums of each row's gradients; then the update of the
/// rows. A thread writes only to its shard, to its own lists and to its own rows.
final class SkipGramRun: @unchecked Sendable {  // why: threads write to their own parts only, barriers order the rest
    private let settings: SkipGram
    private let sequences: TokenSequences
    private let counts: [Int]
    private let negatives: AliasTable
    private let keep: [Float]
    private let vectors: AlignedBuffer
    private let contexts: AlignedBuffer
    private let shards: [SkipGramShard]
    private let centreSums: RowSums
    private let contextSums: RowSums
    private let centreLists: UnsafeMutablePointer<ck_lookups>
    private let contextLists: UnsafeMutablePointer<ck_lookups>
    private var stream = TokenStream()
    private var team: ThreadTeam?
    private var epoch = 0
    private(set) var losses: [Double] = []

    init(_ settings: SkipGram, _ sequences: TokenSequences, counts: [Int]) throws(NNError) {
        self.settings = settings
        self.sequences = sequences
        self.counts = counts
        let tokens = counts.count
        let (threads, dimension) = (settings.threads, settings.dimension)
        negatives = AliasTable(counts.map { $0 > 0 ? pow(Double($0), settings.exponent) : 0 })
        keep = Self.keep(counts, settings.subsampling)
        vectors = try AlignedBuffer(count: tokens * dimension)
        contexts = try AlignedBuffer(count: tokens * dimension)
        let share = (settings.batch + threads - 1) / threads
        var shards: [SkipGramShard] = []
        for _ in 0..<threads { shards.append(try SkipGramShard(settings, places: share)) }
        self.shards = shards
        centreSums = try RowSums(
            table: vectors, rows: tokens, dimension: dimension, capacity: share * threads, threads: threads)
        contextSums = try RowSums(
            table: contexts, rows: tokens, dimension: dimension,
            capacity: SkipGramShard.capacity(settings, places: share * threads), threads: threads)
        centreLists = .allocate(capacity: threads)
        centreLists.initialize(repeating: ck_lookups(), count: threads)
        contextLists = .allocate(capacity: threads)
        contextLists.initialize(repeating: ck_lookups(), count: threads)
        // The contexts start at zero: the first gradients pull them towards the tokens that they stand beside.
        let reach = 0.5 / Float(dimension)
        ck_random_uniform(vectors.base, vectors.count, mixedSeed(settings.seed, 0x5EED), -reach, reach)
    }

    deinit {
        centreLists.deallocate()
        contextLists.deallocate()
    }

    /// [vocabulary × dimension]
    func train() throws(NNError) -> [Float] {
        let team = try ThreadTeam(count: settings.threads) { [unowned self] thread in work(thread) }
        self.team = team
        defer {
            self.team = nil
            team.close()
        }
        for epoch in 0..<settings.epochs {
            self.epoch = epoch
            stream.fill(sequences, keep: keep, seed: mixedSeed(settings.seed, UInt64(epoch) + 1))
            for shard in shards { shard.beginEpoch() }
            team.run()
            let pairs = shards.reduce(0) { $0 + $1.pairs }
            losses.append(shards.reduce(0) { $0 + $1.loss } / Double(max(1, pairs)))
            guard ck_first_non_finite(vectors.base, vectors.count, 1, vectors.count) < 0 else {
                throw .nonFinite(step: epoch + 1, tensor: "a token's vector, counted in epochs,")
            }
        }
        return result
    }

    /// One thread's part of an epoch.
    private func work(_ thread: Int) {
        let shard = shards[thread]
        for start in stride(from: 0, to: stream.tokens.count, by: settings.batch) {
            let end = min(stream.tokens.count, start + settings.batch)
            let share = (end - start + settings.threads - 1) / settings.threads
            let first = min(end, start + thread * share)
            shard.compute(
                first..<min(end, first + share), of: stream, negatives: negatives, centres: vectors.base,
                contexts: contexts.base)
            centreLists[thread] = shard.centreLookups
            contextLists[thread] = shard.contextLookups(vectors.base)
            team?.meet()
            centreSums.collect(centreLists, count: settings.threads, thread: thread)
            contextSums.collect(contextLists, count: settings.threads, thread: thread)
            team?.meet()
            let rate = self.rate(at: start)
            centreSums.apply(rate: rate, thread: thread)
            contextSums.apply(rate: rate, thread: thread)
            team?.meet()
        }
    }

    private func rate(at place: Int) -> Float {
        let done = (Double(epoch) + Double(place) / Double(max(1, stream.tokens.count))) / Double(settings.epochs)
        return Float(settings.learningRate * max(0.01, 1 - done))
    }

    /// The vectors of tokens that stood beside another; the others were never moved and say nothing.
    private var result: [Float] {
        var result = [Float](UnsafeBufferPointer(start: vectors.base, count: counts.count * settings.dimension))
        for (token, count) in counts.enumerated() where count == 0 {
            for column in 0..<settings.dimension { result[token * settings.dimension + column] = 0 }
        }
        return result
    }

    /// [vocabulary] the probability with which a token stays in an epoch.
    private static func keep(_ counts: [Int], _ subsampling: Double) -> [Float] {
        guard subsampling > 0 else { return [Float](repeating: 1, count: counts.count) }
        let total = Double(counts.reduce(0, +))
        return counts.map { count in
            guard count > 0 else { return 1 }
            let ratio = subsampling * total / Double(count)
            return Float(min(1, ratio.squareRoot() + ratio))
        }
    }
}
