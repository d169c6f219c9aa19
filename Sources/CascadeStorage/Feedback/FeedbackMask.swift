/// Feedback as bits: bit k stands for signal k of the registry.
enum FeedbackMask {
    /// The bits of `names`; those that `numbers` does not know count for nothing.
    static func mask(of names: [String], _ numbers: [String: Int]) -> UInt32 {
        names.reduce(0) { mask, name in mask | (numbers[name].map { 1 << UInt32($0) } ?? 0) }
    }

    /// The bits of the first `count` signals.
    static func all(_ count: Int) -> UInt32 { count >= 32 ? .max : (1 << UInt32(count)) - 1 }

    /// The names of the bits of `mask`.
    static func names(of mask: UInt32, _ signals: [String]) -> Set<String> {
        var names: Set<String> = []
        for (number, name) in signals.enumerated() where mask & (1 << UInt32(number)) != 0 { names.insert(name) }
        return names
    }
}
