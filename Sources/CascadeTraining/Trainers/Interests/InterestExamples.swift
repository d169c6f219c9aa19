import CascadeCore
import CascadeFeatures
import CascadeModels

/// What a batch asks of the interests, by rows of the recorded user vectors.
struct InterestRows {
    /// An item that is to be found in its cluster.
    struct Search {
        /// Row among the user vectors, read for the cluster.
        let query: Int32
        let item: Int32
        let cluster: Int32
        let weight: Float
        /// How many rows it stands for.
        var share: Float = 1
    }

    /// A cluster that is to be foretold.
    struct Intent {
        /// Row among the user vectors, read for no cluster in particular.
        let query: Int32
        let cluster: Int32
        let weight: Float
    }

    var search: [Search] = []
    private(set) var intent: [Intent] = []
    /// [intent × K] logarithms of the histograms of their pasts.
    private(set) var pasts: [Float] = []

    mutating func add(_ row: Intent, past: (inout [Float]) -> Void) {
        intent.append(row)
        past(&pasts)
    }
}

/// The clusters of the catalog, as examples are made with them.
struct ExampleClusters: Sendable {
    /// [items] the cluster of each.
    let assignments: [Int32]
    let histogram: ClusterHistogram

    var count: Int { histogram.shares.count }

    func of(_ item: Int32) -> Int32 { assignments[Int(item)] }

    /// - Parameter log: what the shares of the clusters are counted in.
    init(_ assignments: [Int32], count: Int, _ log: EncodedLog) {
        self.assignments = assignments
        histogram = ClusterHistogram(assignments, count: count, log, rows: 0..<log.count)
    }
}

extension ClusterHistogram {
    /// Counts what was taken in some rows of a log.
    init(_ assignments: [Int32], count: Int, _ log: EncodedLog, rows: some Sequence<Int>) {
        self.init(
            clusters: count, takes: rows.lazy.filter { log.isTaken($0) }.map { assignments[Int(log.item[$0])] })
    }
}

/// How the interactions of a log become pasts that are read for clusters.
protocol InterestExamples: Sendable {
    /// Examples of an epoch.
    var count: Int { get }
    /// Items to be found of all examples, about.
    var targets: Int { get }
    /// The part of them that a step asks for.
    var asked: Double { get }
    /// Most of each that `examples` examples have.
    func capacity(examples: Int) -> InterestCapacity
    /// Adds the contexts of an example and what is asked of them.
    func add(
        _ example: Int, _ data: TrainingData, to assembler: BatchAssembler, rows: inout InterestRows,
        random: inout SeededRandom)
}

/// Room of a recorded step.
struct InterestCapacity {
    var contexts: Int
    /// Steps of all pasts together with a start each, for towers that read items.
    var steps: Int?
    var search: Int
    var intent: Int
}

/// Every interaction is to be found in its cluster from the rest of its user's past: for towers that tell the end.
struct LeaveOneOutInterests: InterestExamples {
    let clusters: ExampleClusters
    let intentReading: Int32
    let count: Int
    let weight: TargetWeight
    let strangers: Double

    var targets: Int { count }
    var asked: Double { 1 }

    func capacity(examples: Int) -> InterestCapacity {
        InterestCapacity(contexts: 2 * examples, steps: nil, search: examples, intent: examples)
    }

    func add(
        _ example: Int, _ data: TrainingData, to assembler: BatchAssembler, rows: inout InterestRows,
        random: inout SeededRandom
    ) {
        let log = data.log
        let user = Int(log.user[example])
        let item = log.item[example]
        let cluster = clusters.of(item)
        let isStranger = strangers > 0 && random.uniform() < strangers
        log.withHistory(user: user, end: Int(log.userStart[isStranger ? user : user + 1])) { history in
            func read(_ reading: Int32) -> Int32 {
                assembler.addContext(
                    users: data.retrievalUsers, row: user, history: history, without: item, reading: reading)
            }
            rows.search.append(
                .init(query: read(cluster), item: item, cluster: cluster, weight: weight.of(example, log)))
            rows.add(.init(query: read(intentReading), cluster: cluster, weight: weight.ofPositive(example, log))) {
                clusters.histogram.appendLogs(of: history, without: item, to: &$0, cluster: clusters.of)
            }
        }
    }
}

/// The next item is to be found in its cluster after every step of a stretch of a user's interactions: for causal towers.
///
/// A stretch is read for some of the clusters of its targets, drawn anew each time, whose targets then count for those that
/// were not drawn.
struct NextItemInterests: InterestExamples {
    let stretches: NextItemExamples
    let clusters: ExampleClusters
    let intentReading: Int32
    let asked: Double

    init(stretches: NextItemExamples, clusters: ExampleClusters, intentReading: Int32, _ data: TrainingData) {
        self.stretches = stretches
        self.clusters = clusters
        self.intentReading = intentReading
        var asked = 0.0
        for example in 0..<stretches.count {
            let rows = stretches.rows(of: example)
            let met = Set(rows.map { clusters.of(data.log.item[$0]) }).count
            asked += Double(rows.count) * min(1, Double(Self.readings) / Double(max(1, met)))
        }
        self.asked = stretches.targets == 0 ? 1 : asked / Double(stretches.targets)
    }

    /// Clusters that a stretch is read for at most in one step.
    static let readings = 4

    var count: Int { stretches.count }
    var targets: Int { stretches.targets }

    func capacity(examples: Int) -> InterestCapacity {
        let longest = stretches.capacity(examples: examples)
        return InterestCapacity(
            contexts: (Self.readings + 1) * examples, steps: (Self.readings + 1) * longest, search: longest,
            intent: longest)
    }

    func add(
        _ example: Int, _ data: TrainingData, to assembler: BatchAssembler, rows: inout InterestRows,
        random: inout SeededRandom
    ) {
        let log = data.log
        let targets = stretches.targets(of: example, data)
        let met = Set(targets.rows.map { clusters.of(log.item[$0]) }).sorted()
        let drawn = Set(shuffled(met, seed: random.next()).prefix(Self.readings))
        let scale = Float(met.count) / Float(drawn.count)
        for reading in drawn.sorted() + [intentReading] {
            // The vectors of a context begin with the one before the first step.
            let first = Int32(assembler.batch.steps + assembler.batch.contexts)
            log.withRows(targets.rows.dropLast()) { history in
                _ = assembler.addContext(
                    users: data.retrievalUsers, row: targets.user, history: history, reading: reading)
            }
            for (offset, row) in targets.rows.enumerated() where offset > 0 || targets.isFirst {
                let query = first + Int32(offset)
                let cluster = clusters.of(log.item[row])
                if reading == intentReading {
                    rows.add(.init(query: query, cluster: cluster, weight: stretches.weight.ofPositive(row, log))) {
                        past in
                        log.withHistory(user: targets.user, end: row) {
                            clusters.histogram.appendLogs(of: $0, to: &past, cluster: clusters.of)
                        }
                    }
                } else if reading == cluster {
                    rows.search.append(
                        .init(
                            query: query, item: log.item[row], cluster: cluster,
                            weight: stretches.weight.of(row, log), share: scale))
                }
            }
        }
    }
}
