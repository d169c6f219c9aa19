import CascadeFeatures
import CascadeModels
import Dispatch
import Synchronization

/// Which items users took together: cosine with shrinkage, `w_ij = c_ij / (√n_i √n_j + 10)`, where `c_ij` users took
/// both and `n_i` took item i.
///
/// The item-kNN recommender sums these weights, and releases carry the best of each item.
struct CoOccurrence: Sendable {
    /// Keeps a pair that one user took from looking like a certain one.
    private static let shrinkage: Float = 10

    /// [users] the items that each took, each once.
    private let past: [[Int32]]
    /// Users who took item i: `starts[i]..<starts[i + 1]` of `users`.
    private let starts: [Int]
    private let users: [Int32]

    var itemCount: Int { starts.count - 1 }

    /// - Parameter past: [users] the items that each took, each once, in any order.
    init(past: [[Int32]], items: Int) {
        self.past = past
        var starts = [Int](repeating: 0, count: items + 1)
        for list in past { for item in list { starts[Int(item) + 1] += 1 } }
        for item in 0..<items { starts[item + 1] += starts[item] }
        var users = [Int32](repeating: 0, count: starts[items])
        var next = starts
        for (user, list) in past.enumerated() {
            for item in list {
                users[next[Int(item)]] = Int32(user)
                next[Int(item)] += 1
            }
        }
        self.starts = starts
        self.users = users
    }

    /// Counts of a computation under way; one for each thread.
    struct Scratch {
        fileprivate var shared: [Float]

        init(_ whole: CoOccurrence) { shared = [Float](repeating: 0, count: whole.itemCount) }
    }

    /// All items that somebody took together with `item`, in the order in which they are met.
    ///
    /// - Complexity: O(items of the users who took `item`).
    func weights(of item: Int, _ scratch: inout Scratch) -> [ItemNeighbour] {
        var touched: [Int32] = []
        for user in users[starts[item]..<starts[item + 1]] {
            for other in past[Int(user)] where Int(other) != item {
                if scratch.shared[Int(other)] == 0 { touched.append(other) }
                scratch.shared[Int(other)] += 1
            }
        }
        return touched.map { other in
            let shared = scratch.shared[Int(other)]
            scratch.shared[Int(other)] = 0
            let norm = (count(of: item) * count(of: Int(other))).squareRoot()
            return ItemNeighbour(row: other, score: shared / (norm + Self.shrinkage))
        }
    }

    private func count(of item: Int) -> Float { Float(starts[item + 1] - starts[item]) }

    /// The best `limit` neighbours of every item, equal ones by row; the same whatever the number of threads.
    ///
    /// Blocks the calling thread: not for the cooperative pool.
    func neighbours(limit: Int, threads: Int) -> ItemNeighbours {
        // Several pieces a thread, because popular items take longer.
        let pieces = max(1, min(itemCount, threads * 16))
        let next = Atomic<Int>(0)
        let results = Mutex<[Int: [[ItemNeighbour]]]>([:])
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, pieces))) { _ in
            var scratch = Scratch(self)
            while true {
                let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard piece < pieces else { return }
                let items = (itemCount * piece / pieces)..<(itemCount * (piece + 1) / pieces)
                let part = items.map { Self.best(weights(of: $0, &scratch), limit) }
                results.withLock { $0[piece] = part }
            }
        }
        return results.withLock { results in
            ItemNeighbours(lists: (0..<pieces).flatMap { results[$0] ?? [] })
        }
    }

    /// The first `limit` in order; most of a long list is passed over at one comparison.
    private static func best(_ all: [ItemNeighbour], _ limit: Int) -> [ItemNeighbour] {
        func isBefore(_ left: ItemNeighbour, _ right: ItemNeighbour) -> Bool {
            (left.score, right.row) > (right.score, left.row)
        }
        var best: [ItemNeighbour] = []
        best.reserveCapacity(min(limit, all.count) + 1)
        for neighbour in all {
            if best.count == limit, let last = best.last, !isBefore(neighbour, last) { continue }
            var (low, high) = (0, best.count)
            while low < high {
                let middle = (low + high) / 2
                if isBefore(best[middle], neighbour) { low = middle + 1 } else { high = middle }
            }
            best.insert(neighbour, at: low)
            if best.count > limit { best.removeLast() }
        }
        return best
    }
}

extension CoOccurrence {
    /// Items of a user that count: what somebody took thousands of items ago goes together with nothing, and the pairs
    /// of one user grow with the square.
    private static let itemsPerUser = 500

    /// What users of the training data took together, by the signal that tells best what was wanted.
    ///
    /// Where the log knows no feedback, nothing goes together.
    static func neighbours(of data: TrainingData, threads: Int) -> ItemNeighbours {
        let items = data.rows.items.count
        guard let signal = data.map.mainSignalBit else {
            return ItemNeighbours(lists: [[ItemNeighbour]](repeating: [], count: items))
        }
        let past = data.rows.users.indices.map { user in
            data.log.newestItems(
                of: user, end: Int(data.log.userStart[user + 1]), signal: signal, limit: itemsPerUser
            ).sorted()
        }
        return CoOccurrence(past: past, items: items).neighbours(limit: ItemNeighbours.kept, threads: threads)
    }
}
