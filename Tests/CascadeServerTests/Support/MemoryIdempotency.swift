import CascadeCore

/// Named writes in memory, with a clock that tests set.
actor MemoryIdempotency: IdempotencyStore {
    private struct Entry {
        var write: IdempotentWrite
        var begun: Double
        var leaseUntil: Double
        var attempt: String
        var answer: StoredAnswer?
    }

    private var entries: [String: Entry] = [:]
    private var failure: (any Error)?
    var seconds = 0.0

    func wait(_ seconds: Double) { self.seconds += seconds }
    func fail(with failure: (any Error)?) { self.failure = failure }
    var count: Int { entries.count }

    func claim(_ write: IdempotentWrite, lease: Double, lifetime: Double) throws -> IdempotencyClaim {
        if let failure { throw failure }
        let name = write.owner + "\u{0}" + write.key
        if let entry = entries[name], entry.begun > seconds - lifetime,
            entry.answer != nil || entry.leaseUntil > seconds
        {
            if entry.write.digest != write.digest { return .reused }
            return entry.answer.map { .answered($0) } ?? .inFlight
        }
        let attempt = "\(entries.count) \(seconds)"
        entries[name] = Entry(write: write, begun: seconds, leaseUntil: seconds + lease, attempt: attempt)
        return .begun(attempt: attempt)
    }

    func finish(_ write: IdempotentWrite, attempt: String, _ answer: StoredAnswer) throws {
        if let failure { throw failure }
        let name = write.owner + "\u{0}" + write.key
        if entries[name]?.attempt == attempt { entries[name]?.answer = answer }
    }

    func release(_ write: IdempotentWrite, attempt: String) throws {
        if let failure { throw failure }
        let name = write.owner + "\u{0}" + write.key
        if entries[name]?.attempt == attempt { entries[name] = nil }
    }
}
