import CascadeFeatures
import CascadeNN

/// What the copy of a past holds that each row reads, oldest step first.
enum Unrolling: Sendable {
    /// There are no copies.
    case none
    case steps
    /// The steps, then the candidate.
    case stepsAndCandidate
}

/// A copy of its context's past for each of R rows: P positions in all.
struct UnrolledSteps {
    private let positions: Dimension
    private let unrolling: Unrolling
    /// [P] the step at a position, −1 at that of a candidate.
    let step: Indices
    /// [P] the row that a position belongs to.
    let row: Indices
    /// [P] the row at the position of its candidate, −1 at steps.
    let candidate: Indices
    /// [P] places to the end of the row's sequence: 0 at the last.
    let distance: Indices
    /// [P] seconds since the request, 0 at a candidate; nil where no times are read.
    let times: Indices?
    /// R rows of P positions.
    let offsets: Offsets
    /// [R] the last position of each row; −1 where it has none.
    let last: Indices
    /// The position of each row's newest step, of the one before it, …; −1 where a row has no such step.
    let newest: [Indices]

    /// - Parameters:
    ///   - longest: steps of the longest past.
    ///   - newest: how many positions of single steps are wanted.
    init(
        _ plan: Plan, rows: Dimension, capacity: Int, longest: Int, unrolling: Unrolling, newest: Int,
        readsTimes: Bool
    ) {
        let most = longest + (unrolling == .stepsAndCandidate ? 1 : 0)
        let positions = plan.dimension("unrolled", capacity: capacity * most)
        self.positions = positions
        self.unrolling = unrolling
        step = plan.indices(positions, name: "unrolled.step")
        row = plan.indices(positions, name: "unrolled.row")
        candidate = plan.indices(positions, name: "unrolled.candidate")
        distance = plan.indices(positions, name: "unrolled.distance")
        times = readsTimes ? plan.indices(positions, name: "unrolled.times") : nil
        offsets = plan.offsets(segments: rows, of: positions, maximumLength: most, name: "unrolled")
        last = plan.indices(rows, name: "unrolled.last")
        self.newest = (0..<newest).map { plan.indices(rows, name: "unrolled.newest.\($0)") }
    }

    /// Copies the pasts of `batch`'s rows into the plan.
    ///
    /// - Parameters:
    ///   - historyOffsets: [contexts + 1] where the steps of each context begin.
    ///   - historySeconds: [H] seconds from each step to the moment of its context.
    func load(_ batch: Batch, historyOffsets: [Int32], historySeconds: [Int32], into plan: Plan) throws {
        let hasCandidate = unrolling == .stepsAndCandidate
        let total = batch.rowContext.reduce(0) { sum, context in
            sum + Int(historyOffsets[Int(context) + 1] - historyOffsets[Int(context)]) + (hasCandidate ? 1 : 0)
        }
        try plan.setCount(positions, total)
        let step = plan.integers(step)
        let row = plan.integers(row)
        let candidate = plan.integers(candidate)
        let distance = plan.integers(distance)
        let offsets = plan.integers(offsets)
        let times = times.map { plan.integers($0) }
        let last = plan.integers(last)
        let newest = newest.map { plan.integers($0) }
        var place = 0
        offsets[0] = 0
        for (number, context) in batch.rowContext.enumerated() {
            let first = historyOffsets[Int(context)]
            let end = historyOffsets[Int(context) + 1]
            let behind = Int32(place) + end - first
            for (step, positions) in newest.enumerated() {
                positions[number] = Int32(step) < end - first ? behind - 1 - Int32(step) : -1
            }
            for source in stride(from: end - 1, through: first, by: -1) {
                step[place] = source
                row[place] = Int32(number)
                candidate[place] = -1
                distance[place] = source - first + (hasCandidate ? 1 : 0)
                times?[place] = -historySeconds[Int(source)]
                place += 1
            }
            if hasCandidate {
                step[place] = -1
                row[place] = Int32(number)
                candidate[place] = Int32(number)
                distance[place] = 0
                times?[place] = 0
                place += 1
            }
            last[number] = Int32(place) > offsets[number] ? Int32(place - 1) : -1
            offsets[number + 1] = Int32(place)
        }
    }
}
