import Foundation

/// How long inputs are made up: a number of them in the usual tests, and so many seconds where `CASCADE_FUZZ_SECONDS` says it, each run with
/// another seed.
package struct FuzzBudget {
    /// Where the drawing starts; a failure names it, and `CASCADE_FUZZ_SEED` takes it up again.
    package let seed: UInt64
    private let cases: Int
    private let end: Date?
    /// Inputs so far.
    package private(set) var done = 0

    /// - Parameter cases: inputs where no time is given.
    package init(cases: Int) {
        let environment = ProcessInfo.processInfo.environment
        let seconds = environment["CASCADE_FUZZ_SECONDS"].flatMap(Double.init)
        end = seconds.map { Date(timeIntervalSinceNow: $0) }
        seed =
            environment["CASCADE_FUZZ_SEED"].flatMap(UInt64.init)
            ?? (seconds == nil ? 1 : UInt64(Date().timeIntervalSince1970))
        self.cases = cases
    }

    /// Whether one more is to be made.
    package mutating func next() -> Bool {
        if let end { guard Date() < end else { return false } } else { guard done < cases else { return false } }
        done += 1
        return true
    }

    /// Says what was done, where it was asked for.
    package func report(_ what: String) {
        if end != nil { print("fuzzing \(what): \(done) inputs from seed \(seed), no crash") }
    }
}
