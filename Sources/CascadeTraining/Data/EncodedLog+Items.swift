import CascadeFeatures

extension EncodedLog {
    /// The distinct items of a user's rows from `start` of the user's to before `end`: those with the signal (a bit of
    /// the step's code), or all that were shown. Sorted by row.
    func distinctItems(of user: Int, end: Int, signal: Int?) -> [Int32] {
        newestItems(of: user, end: end, signal: signal, limit: .max).sorted()
    }

    /// The same, at most `limit` of them, those that came last.
    func newestItems(of user: Int, end: Int, signal: Int?, limit: Int) -> Set<Int32> {
        let bit = signal.map { UInt8(1) << UInt8($0) }
        var items = Set<Int32>()
        for row in (Int(userStart[user])..<max(Int(userStart[user]), end)).reversed() where items.count < limit {
            if let bit, code[row] & bit == 0 { continue }
            items.insert(item[row])
        }
        return items
    }
}
