import CascadeCore
import CascadeFeatures
import CascadeModels

/// What is known of the targets of a batch, in the order of its rows.
struct RetrievalTargets {
    /// What each counts.
    var weights: [Float] = []
    /// Rows of their users.
    var users: [Int32] = []
}

/// How the interactions of a log become contexts with items to be found.
protocol RetrievalExamples: Sendable {
    /// Examples of an epoch.
    var count: Int { get }
    /// Targets of all examples.
    var targets: Int { get }
    /// Most targets that `examples` examples have.
    func capacity(examples: Int) -> Int
    /// Rows of the log that are the targets of an example.
    func rows(of example: Int) -> Range<Int>
    /// Adds the context of an example and a row for each of its targets, and appends these.
    func add(
        _ example: Int, _ data: TrainingData, to assembler: BatchAssembler, targets: inout RetrievalTargets,
        random: inout SeededRandom)
}

/// Every interaction is to be found from the rest of its user's past, before and after: for towers that tell the end.
///
/// A share of the contexts has no past, so that the tower learns what users like of whom nothing is known.
struct LeaveOneOutExamples: RetrievalExamples {
    /// The rows to learn from; nil: all of the log.
    private let rows: [Int32]?
    let count: Int
    let weight: TargetWeight
    let strangers: Double

    init(_ data: TrainingData, weight: TargetWeight, strangers: Double) {
        rows = data.learned == nil ? nil : Array((0..<Int32(data.log.count)).lazy.filter { data.isExample(Int($0)) })
        count = rows?.count ?? data.log.count
        self.weight = weight
        self.strangers = strangers
    }

    var targets: Int { count }
    func capacity(examples: Int) -> Int { examples }
    func rows(of example: Int) -> Range<Int> { row(example)..<(row(example) + 1) }
    private func row(_ example: Int) -> Int { rows.map { Int($0[example]) } ?? example }

    func add(
        _ example: Int, _ data: TrainingData, to assembler: BatchAssembler, targets: inout RetrievalTargets,
        random: inout SeededRandom
    ) {
        let log = data.log
        let row = row(example)
        let user = Int(log.user[row])
        let item = log.item[row]
        let isStranger = strangers > 0 && random.uniform() < strangers
        log.withHistory(user: user, end: Int(log.userStart[isStranger ? user : user + 1])) { history in
            let context = assembler.addContext(users: data.retrievalUsers, row: user, history: history, without: item)
            assembler.addRow(context: context, item: item, counters: nil)
        }
        targets.weights.append(weight.of(row, log))
        targets.users.append(Int32(user))
    }
}

/// The next item is to be found after every step of a stretch of a user's interactions: for causal towers.
///
/// Longer pasts are cut into stretches of the model's length. The first item of a past is found from the user's features;
/// that of a later stretch is not a target, since its past is cut off.
struct NextItemExamples: RetrievalExamples {
    private struct Stretch: Sendable {
        let user: Int32
        let start: Int32
        let end: Int32
    }

    private let stretches: [Stretch]
    let targets: Int
    /// Targets of the stretches, most first.
    private let longest: [Int]
    let weight: TargetWeight

    init(_ data: TrainingData, weight: TargetWeight) {
        let length = data.map.retrieval.historyLength + 1
        self.weight = weight
        var stretches: [Stretch] = []
        for user in data.rows.users.indices {
            let first = Int(data.log.userStart[user])
            var end = Int(data.log.userStart[user + 1])
            // From the end, so that the newest stretch is whole.
            while end > first {
                let start = max(first, end - length)
                // Sorted by time: where the last row was learned from, all before it were.
                guard data.isExample(end - 1) else { break }
                stretches.append(Stretch(user: Int32(user), start: Int32(start), end: Int32(end)))
                end = start
            }
        }
        self.stretches = stretches
        targets = stretches.reduce(0) { $0 + Int($1.end - $1.start) }
        longest = stretches.map { Int($0.end - $0.start) }.sorted(by: >)
    }

    var count: Int { stretches.count }

    /// Most pasts are short, so this is what the longest stretches have, not what they could have.
    func capacity(examples: Int) -> Int { longest.prefix(examples).reduce(0, +) }

    func rows(of example: Int) -> Range<Int> { Int(stretches[example].start)..<Int(stretches[example].end) }

    /// The rows that are targets of an example, the first only where `isFirst`: it is the first of its user's past.
    func targets(of example: Int, _ data: TrainingData) -> (user: Int, rows: Range<Int>, isFirst: Bool) {
        let user = Int(stretches[example].user)
        return (user, rows(of: example), stretches[example].start == data.log.userStart[user])
    }

    func add(
        _ example: Int, _ data: TrainingData, to assembler: BatchAssembler, targets: inout RetrievalTargets,
        random: inout SeededRandom
    ) {
        let log = data.log
        let (user, rows, isFirst) = self.targets(of: example, data)
        let context = log.withRows(rows.dropLast()) { history in
            assembler.addContext(users: data.retrievalUsers, row: user, history: history)
        }
        for row in rows {
            assembler.addRow(context: context, item: log.item[row], counters: nil)
            let isTarget = (row != rows.lowerBound || isFirst) && data.isExample(row)
            targets.weights.append(isTarget ? weight.of(row, log) : 0)
            targets.users.append(Int32(user))
        }
    }
}

/// What a target counts: 1 with feedback or without an impression, less for an impression that was passed over; times
/// `n^-balance` for a user of n interactions, so that those of many do not drown the others.
struct TargetWeight: Sendable {
    private let impression: Float
    /// [users]
    private let users: [Float]

    init(_ settings: RetrievalSettings, _ log: EncodedLog) {
        impression = Float(settings.impressionWeight)
        let counts = zip(log.userStart, log.userStart.dropFirst()).map { Double($1 - $0) }
        let shares = counts.map { $0 > 0 ? power($0, -settings.userBalance) : 0 }
        let total = zip(counts, shares).reduce(0) { $0 + $1.0 * $1.1 }
        // Brought to a mean of one, so that the size of the loss stays.
        let scale = total > 0 ? Double(log.count) / total : 1
        users = shares.map { Float($0 * scale) }
    }

    func of(_ row: Int, _ log: EncodedLog) -> Float {
        users[Int(log.user[row])] * (log.isTaken(row) ? 1 : impression)
    }

    /// The same where only what was wanted counts.
    func ofPositive(_ row: Int, _ log: EncodedLog) -> Float {
        log.isTaken(row) ? users[Int(log.user[row])] : 0
    }
}
