import CascadeCore
import CascadeFeatures

extension EncodedLog {
    /// The distinct items of a user's rows from `start` of the user's to before `end`: those with the signal (a bit of
    /// the step's code), or all that were shown. Sorted by row.
    func distinctItems(of user: Int, end: Int, signal: Int?) -> [Int32] {
        newestItems(of: user, end: end, signal: signal, limit: .max).sorted()
    }

    /// The same, at most `limit` of them, those that came last.
    func newestItems(of user: Int, end: Int, signal: Int?, limit: Int) -> Set<Int32> {
        self.items(of: user, end: end, mask: signal.map { UInt8(1) << UInt8($0) }, limit: limit)
    }

    /// The distinct items that a user gave any feedback to, sorted by row.
    func givenItems(of user: Int) -> [Int32] {
        items(of: user, end: Int(userStart[user + 1]), mask: feedbackBits, limit: .max).sorted()
    }

    /// The newest distinct items of steps whose code has one of the bits of `mask`; nil: of all.
    private func items(of user: Int, end: Int, mask: UInt8?, limit: Int) -> Set<Int32> {
        var items = Set<Int32>()
        for row in (Int(userStart[user])..<max(Int(userStart[user]), end)).reversed() where items.count < limit {
            if let mask, code[row] & mask == 0 { continue }
            items.insert(item[row])
        }
        return items
    }
}
