import CascadeCore
import CascadeFeatures
import CascadeModels

/// What the rows of a log are told of towers, each of those that did not learn from its user.
///
/// Memory: 4 · d bytes for each past that a training row of the ranker has, and for each item and fold.
struct TowerRows: Sendable {
    /// The rows of a user before `end`.
    struct Past: BitwiseCopyable, Equatable, Sendable {
        var user: Int32
        var end: Int32
    }

    let fields: TowerFields
    /// [users] which towers tell of each.
    let folds: [UInt8]
    /// [folds][items × d]; empty for a fold whose towers had nothing to learn from.
    private var items: [[Float]]
    /// The pasts of training rows: those of rows of one second are one.
    let pasts: Column<Past>
    /// [rows of the log] the past of each, negative for one that the ranker does not learn from.
    private let past: Column<Int32>
    /// [pasts × d].
    private var users: Column<Float>

    /// - Parameter folds: [users] numbers below `count`.
    init(_ data: TrainingData, fields: TowerFields, folds: [UInt8], count: Int) {
        self.fields = fields
        self.folds = folds
        items = [[Float]](repeating: [], count: count)
        let place = data.log.place
        var pasts = Column<Past>(at: place)
        var past = Column<Int32>(repeating: -1, count: data.log.count, at: place)
        for row in 0..<data.log.count where data.log.isTold(row) {
            let own = Past(user: data.log.user[row], end: data.historyEnd[row])
            if pasts.last.map({ $0 != own }) ?? true { pasts.append(own) }
            past[row] = Int32(pasts.count - 1)
        }
        self.pasts = pasts
        self.past = past
        users = Column(repeating: 0, count: pasts.count * fields.dimension, at: place)
    }

    /// The places of the pasts of a fold's users.
    func pasts(of fold: Int) -> [Int] { pasts.indices.filter { folds[Int(pasts[$0].user)] == UInt8(fold) } }

    /// Sets the item vectors [items × d] of the towers that tell of a fold.
    mutating func set(items vectors: [Float], of fold: Int) { items[fold] = vectors }

    /// Sets the vectors [places × d] of some pasts.
    mutating func set(users vectors: [Float], at places: ArraySlice<Int>) {
        let d = fields.dimension
        for (index, place) in places.enumerated() {
            for column in 0..<d { users[place * d + column] = vectors[index * d + column] }
        }
    }

    /// Appends the columns of a row of `log`; zeros for one that the ranker does not learn from.
    func append(row: Int, of log: borrowing EncodedLog, to columns: inout [Float]) {
        let start = columns.count
        columns.append(contentsOf: repeatElement(0, count: fields.width))
        let (past, fold) = (Int(past[row]), Int(folds[Int(log.user[row])]))
        guard past >= 0, !items[fold].isEmpty else { return }
        let item = Int(log.item[row])
        columns.withUnsafeMutableBufferPointer { output in
            users.withUnsafeBufferPointer { users in
                items[fold].withUnsafeBufferPointer { items in
                    guard let to = output.baseAddress, let user = users.baseAddress, let first = items.baseAddress
                    else { return }
                    fields.write(
                        user: user + past * fields.dimension, item: first + item * fields.dimension, into: to + start)
                }
            }
        }
    }
}
