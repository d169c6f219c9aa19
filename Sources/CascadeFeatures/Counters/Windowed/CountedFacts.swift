import CascadeCore

/// The impressions and the feedback of a log in the order of their seconds.
///
/// Memory: 4 bytes a fact beside the log.
struct CountedFacts: Sendable {
    /// Where the user and the item of a fact are: indices in the dictionaries of the log, or of its answers.
    enum Source {
        case row(user: Int, item: Int)
        case answer(user: Int, item: Int)
    }

    private let log: InteractionLog
    /// The bit of each head in the masks of the log.
    private let bits: [UInt32]
    /// [signals of the log] the heads that each is, as bits.
    private let headsOfSignal: [UInt32]
    /// Rows of the log, then answers behind them, by time.
    private let order: Column<Int32>

    init(_ log: InteractionLog, heads: [String]) {
        self.log = log
        bits = heads.map { log.mask(of: $0) }
        let headsOfSignal: [UInt32] = log.signals.map { name in
            heads.firstIndex(of: name).map { 1 << UInt32($0) } ?? 0
        }
        self.headsOfSignal = headsOfSignal
        var order = Column((0..<Int32(log.count)).lazy.filter { log.isImpression[Int($0)] }, at: log.place)
        if let answers = log.answers {
            for index in 0..<answers.count where headsOfSignal[Int(answers.signal[index])] != 0 {
                order.append(Int32(log.count + index))
            }
        }
        order.sort { (Self.second($0, log), $0) < (Self.second($1, log), $1) }
        self.order = order
    }

    var count: Int { order.count }

    func second(_ position: Int) -> Int64 { Self.second(order[position], log) }

    subscript(_ position: Int) -> (fact: CountedFact, source: Source) {
        let place = Int(order[position])
        let second = second(position)
        if place >= log.count, let answers = log.answers {
            let index = place - log.count
            return (
                CountedFact(
                    second: second, isImpression: false, given: headsOfSignal[Int(answers.signal[index])]),
                .answer(user: Int(answers.userIndex[index]), item: Int(answers.itemIndex[index]))
            )
        }
        let recorded = log.declared.isEmpty ? log.observed[place] : log.declared[place]
        return (
            CountedFact(
                second: second, isImpression: true, recorded: heads(recorded),
                given: log.answers == nil ? heads(log.feedback[place]) : 0),
            .row(user: Int(log.userIndex[place]), item: Int(log.itemIndex[place]))
        )
    }

    private func heads(_ mask: UInt32) -> UInt32 {
        var result: UInt32 = 0
        for (head, bit) in bits.enumerated() where mask & bit != 0 { result |= 1 << UInt32(head) }
        return result
    }

    private static func second(_ place: Int32, _ log: InteractionLog) -> Int64 {
        let place = Int(place)
        let time = place < log.count ? log.time[place] : (log.answers?.time[place - log.count] ?? 0)
        return Timestamp(microseconds: time).second
    }
}
