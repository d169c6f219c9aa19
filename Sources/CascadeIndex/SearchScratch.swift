import CFaiss
import Synchronization

/// The working memory of one search at a time.
final class SearchScratch: @unchecked Sendable {  // why: leased to one search at a time by ScratchPool
    let handle: OpaquePointer

    init() throws(IndexError) {
        handle = try checkedHandle { cfaiss_scratch_create($0) }
    }

    deinit {
        cfaiss_scratch_free(handle)
    }
}

/// Scratches that wait for the next search. Threads are not asked which they are: a task may move between them.
final class ScratchPool: Sendable {
    /// More than this many at rest are let go; each holds a bit for every row and a note of those it saw last.
    private static let restingLimit = 64

    private let resting = Mutex<[SearchScratch]>([])

    /// Lends a scratch for the time of the body.
    func lease<Result>(
        _ body: (OpaquePointer) throws(IndexError) -> Result
    ) throws(IndexError) -> Result {
        let waiting = resting.withLock { $0.popLast() }
        let scratch: SearchScratch
        if let waiting { scratch = waiting } else { scratch = try SearchScratch() }
        defer {
            resting.withLock { pool in
                if pool.count < Self.restingLimit { pool.append(scratch) }
            }
        }
        return try body(scratch.handle)
    }
}
