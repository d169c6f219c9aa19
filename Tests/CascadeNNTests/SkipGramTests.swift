import CAllocationCounter
import CKernels
import Foundation
import Testing

@testable import CascadeNN

@Suite struct SkipGramTests {
    /// Sequences whose tokens are of one community each; communities are the tokens of the same remainder.
    static func planted(communities: Int, tokens: Int, sequences: Int, length: Int, seed: UInt64) -> TokenSequences {
        var random = PlaceRandom(seed: seed, place: 0)
        var result = TokenSequences()
        for _ in 0..<sequences {
            let community = random.below(communities)
            result.append((0..<length).map { _ in Int32(random.below(tokens / communities) * communities + community) })
        }
        return result
    }

    static func cosine(_ found: TokenEmbeddings, _ a: Int, _ b: Int) -> Double {
        func row(_ token: Int) -> [Double] {
            found.vectors[(token * found.dimension)..<((token + 1) * found.dimension)].map { Double($0) }
        }
        func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let (left, right) = (row(a), row(b))
        return product(left, right) / (product(left, left) * product(right, right)).squareRoot()
    }

    @Test func tokensOfACommunityAreNearerToEachOther() throws {
        let (communities, tokens) = (6, 120)
        let sequences = Self.planted(communities: communities, tokens: tokens, sequences: 700, length: 8, seed: 3)
        var run = SkipGram()
        run.dimension = 24
        run.threads = 2
        run.subsampling = 0
        let found = try run.train(sequences, vocabulary: tokens)
        #expect(found.losses.count == run.epochs)
        #expect(found.losses[run.epochs - 1] < found.losses[0])
        var hits = 0
        for token in 0..<tokens {
            let cosines = (0..<tokens).map { Self.cosine(found, token, $0) }
            let nearest = (0..<tokens).filter { $0 != token }.sorted { cosines[$0] > cosines[$1] }.prefix(10)
            hits += nearest.count { $0 % communities == token % communities }
        }
        #expect(Double(hits) > 0.95 * Double(tokens * 10), "\(hits) of \(tokens * 10), losses \(found.losses)")
    }

    @Test(arguments: [1, 3, 64])
    func theSeedFixesTheVectorsOnAnyThreads(batch: Int) throws {
        let sequences = Self.planted(communities: 3, tokens: 40, sequences: 60, length: 5, seed: 9)
        var run = SkipGram()
        run.dimension = 20
        run.batch = batch
        run.subsampling = 0.01
        run.epochs = 2
        let first = try run.train(sequences, vocabulary: 40)
        #expect(try run.train(sequences, vocabulary: 40) == first)
        for threads in [2, 5] {
            run.threads = threads
            #expect(try run.train(sequences, vocabulary: 40).vectors == first.vectors, "\(threads) threads")
        }
        run.seed = 2
        #expect(try run.train(sequences, vocabulary: 40).vectors != first.vectors)
    }

    @Test func aStepAllocatesNothing() throws {
        #expect(allocation_counter_works() == 1)
        let (tokens, places) = (40, 64)
        var run = SkipGram()
        run.dimension = 16
        var stream = TokenStream()
        let sequences = Self.planted(communities: 2, tokens: tokens, sequences: 50, length: 6, seed: 2)
        stream.fill(sequences, keep: [Float](repeating: 1, count: tokens), seed: 1)
        let negatives = AliasTable([Double](repeating: 1, count: tokens))
        let vectors = try AlignedBuffer(count: tokens * run.dimension)
        let contexts = try AlignedBuffer(count: tokens * run.dimension)
        let shard = try SkipGramShard(run, places: places)
        let sums = try RowSums(
            table: contexts, rows: tokens, dimension: run.dimension,
            capacity: SkipGramShard.capacity(run, places: places), threads: 1)
        let list = UnsafeMutablePointer<ck_lookups>.allocate(capacity: 1)
        defer { list.deallocate() }
        func step(_ start: Int) {
            shard.compute(
                start..<(start + places), of: stream, negatives: negatives, centres: vectors.base,
                contexts: contexts.base)
            list.initialize(to: shard.contextLookups(vectors.base))
            sums.collect(list, count: 1, thread: 0)
            sums.apply(rate: 0.1, thread: 0)
        }
        // The first touches what is made once.
        step(0)
        allocation_counter_watch_this_thread(1)
        let before = allocation_counter_count()
        step(places)
        step(2 * places)
        let count = allocation_counter_count() - before
        allocation_counter_watch_this_thread(0)
        #expect(count == 0)
        #expect(shard.pairs > 200)
    }

    @Test func tokensThatStoodBesideNoneHaveNoVector() throws {
        var run = SkipGram()
        run.dimension = 4
        let found = try run.train(TokenSequences([[0, 2], [], [3], [2, 0, 2]]), vocabulary: 5)
        #expect(found.counts == [2, 0, 3, 0, 0])
        for token in 0..<5 {
            let isZero = found.vectors[(token * 4)..<(token * 4 + 4)].allSatisfy { $0 == 0 }
            #expect(isZero == [1, 3, 4].contains(token), "token \(token)")
        }
    }

    /// Everything drawn away, equal neighbours, one word: nothing to learn from is no reason to fail.
    @Test func sequencesWithLittleInThemAreFine() throws {
        var run = SkipGram()
        run.dimension = 3
        #expect(try run.train(TokenSequences([[0, 0, 0]]), vocabulary: 1).vectors.allSatisfy { $0.isFinite })
        run.subsampling = 1e-12
        let found = try run.train(TokenSequences([[0, 1], [1, 0]]), vocabulary: 2)
        #expect(found.vectors.allSatisfy { $0.isFinite } && found.losses == [0, 0, 0, 0, 0])
        run.subsampling = 0
        run.window = 1000
        run.batch = 1_000
        run.threads = 7
        #expect(try run.train(TokenSequences([[0, 1], [1, 2]]), vocabulary: 3).vectors.allSatisfy { $0.isFinite })
    }

    @Test func badInputIsAnError() {
        func fails(
            _ word: String, _ sequences: TokenSequences = TokenSequences([[0, 1]]), vocabulary: Int = 2,
            change: (inout SkipGram) -> Void = { _ in }
        ) {
            var run = SkipGram()
            change(&run)
            #expect("\(word)") {
                _ = try run.train(sequences, vocabulary: vocabulary)
            } throws: { error in
                guard case .embeddings(let text)? = error as? NNError else { return false }
                return text.contains(word)
            }
        }
        fails("token 2", TokenSequences([[0, 2]]))
        fails("token -1", TokenSequences([[0, -1]]))
        fails("two tokens", TokenSequences([[0], [1]]))
        fails("two tokens", TokenSequences())
        fails("vocabulary", vocabulary: 0)
        fails("dimension") { $0.dimension = 0 }
        fails("window") { $0.window = 0 }
        fails("negatives") { $0.negatives = 0 }
        fails("exponent") { $0.exponent = .nan }
        fails("subsampling") { $0.subsampling = -1 }
        fails("epochs") { $0.epochs = 0 }
        fails("learningRate") { $0.learningRate = .infinity }
        fails("batch") { $0.batch = 0 }
        fails("threads") { $0.threads = 0 }
    }

    @Test func aRateThatIsTooHighIsTold() throws {
        var run = SkipGram()
        run.dimension = 2
        run.learningRate = 10
        run.epochs = 3
        do {
            let found = try run.train(TokenSequences([[0, 1, 2, 1, 0]]), vocabulary: 3)
            #expect(found.vectors.allSatisfy { $0.isFinite })
        } catch {
            guard case .nonFinite = error else { throw error }
        }
    }
}

/// The kernel of one token against its contexts and the drawn tokens.
@Suite struct NegativeSamplingKernelTests {
    static let ids: [Int32] = [4, 0, 1, 4, 2, 3, 3, 0]
    static let group = 4

    static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = PlaceRandom(seed: seed, place: 0)
        return (0..<count).map { _ in Float(random.uniform() * 2 - 1) }
    }

    static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

    /// The loss in double precision, straight from its formula.
    static func loss(_ centre: [Double], _ table: [Double], dimension: Int) -> Double {
        ids.indices.reduce(0.0) { sum, index in
            let first = index - index % group
            if index != first, ids[index] == ids[first] { return sum }
            let x = (0..<dimension).reduce(0.0) { $0 + centre[$1] * table[Int(ids[index]) * dimension + $1] }
            return sum + softplus(index == first ? -x : x)
        }
    }

    @Test(arguments: KernelTests.sets)
    func lossAndGradientsAreThoseOfTheFormula(isa: Int) {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        for dimension in [1, 7, 16, 33, 64] {
            let centre = Self.numbers(dimension, seed: UInt64(dimension))
            let table = Self.numbers(5 * dimension, seed: UInt64(dimension) + 100)
            var gradient = [Float](repeating: 9, count: dimension)
            var coefficients = [Float](repeating: 9, count: Self.ids.count)
            let loss = ck_negative_sampling(
                &gradient, &coefficients, centre, table, Self.ids, Self.ids.count / Self.group, Self.group, dimension)
            let (exactCentre, exactTable) = (centre.map { Double($0) }, table.map { Double($0) })
            #expect(abs(loss - Self.loss(exactCentre, exactTable, dimension: dimension)) < 1e-4 * (1 + abs(loss)))
            let step = 1e-4
            for column in 0..<dimension {
                let slope = Self.slope(step) { change in
                    var moved = exactCentre
                    moved[column] += change
                    return Self.loss(moved, exactTable, dimension: dimension)
                }
                #expect(abs(Double(gradient[column]) - slope) < 1e-4, "isa \(isa), \(dimension): \(column)")
            }
            // A row's gradient is the sum of its coefficients times the centre.
            for place in 0..<(5 * dimension) {
                let slope = Self.slope(step) { change in
                    var moved = exactTable
                    moved[place] += change
                    return Self.loss(exactCentre, moved, dimension: dimension)
                }
                let sum = Self.ids.indices.filter { Int(Self.ids[$0]) == place / dimension }
                    .reduce(Float(0)) { $0 + coefficients[$1] }
                #expect(abs(Double(sum * centre[place % dimension]) - slope) < 1e-4, "isa \(isa), row place \(place)")
            }
            // The drawn row that is the observed one.
            #expect(coefficients[3] == 0)
        }
    }

    private static func slope(_ step: Double, _ loss: (Double) -> Double) -> Double {
        (loss(step) - loss(-step)) / (2 * step)
    }

    @Test func drawsFollowTheWeights() {
        let weights: [Double] = [0, 5, 1, 0, 14, 0.001, 0]
        let table = AliasTable(weights)
        var random = PlaceRandom(seed: 4, place: 7)
        var counts = [Int](repeating: 0, count: weights.count)
        let draws = 200_000
        for _ in 0..<draws { counts[Int(table.draw(random.next()))] += 1 }
        let total = weights.reduce(0, +)
        for (place, weight) in weights.enumerated() {
            let share = Double(counts[place]) / Double(draws)
            #expect(abs(share - weight / total) < 0.005, "place \(place): \(share)")
            if weight == 0 { #expect(counts[place] == 0) }
        }
        #expect((0..<100).allSatisfy { _ in AliasTable([3]).draw(random.next()) == 0 })
    }
}
