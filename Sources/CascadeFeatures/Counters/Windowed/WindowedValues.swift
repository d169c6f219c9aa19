package import CascadeCore

/// What the counters over windows held for each impression of a log when it was shown: the columns of its row.
///
/// Memory: `definition.columns` floats an impression (four counters over four windows with two heads: 192 bytes), and
/// four bytes a row.
package struct WindowedValues: Sendable {
    package let columns: Int
    /// [rows of the encoded log] the place of a row among those that have values; -1 for none.
    private let place: Column<Int32>
    private let values: Column<Float>

    /// Goes through `log` once, in the order of time.
    ///
    /// - Parameters:
    ///   - rows: the entities that the log was encoded with; rows are numbered as `EncodedLog` numbers them.
    ///   - from: the first moment in microseconds whose rows are wanted; rows before it are counted and have no values.
    ///   - halfway: gets the replay when it has counted all before `from`.
    package init(
        _ layout: WindowedLayout, log: InteractionLog, rows: EntityRows, from: Int64 = .min,
        halfway: ((WindowedReplay) -> Void)? = nil
    ) {
        let definition = layout.definition
        columns = definition.columns
        var replay = WindowedReplay(definition, log: log, rows: rows)
        let (place, wanted) = Self.places(log, rows, from: from)
        self.place = place
        let start = Timestamp(microseconds: from).second
        if let halfway {
            replay.advance(to: start)
            halfway(replay)
        }
        var values = Column<Float>(repeating: 0, count: wanted.count * columns, at: log.place)
        var totals = [Int32](repeating: 0, count: definition.totals)
        var order = Column(0..<Int32(wanted.count), at: log.place)
        order.sort { (log.time[Int(wanted[Int($0)])], $0) < (log.time[Int(wanted[Int($1)])], $1) }
        values.withUnsafeMutableBufferPointer { output in
            totals.withUnsafeMutableBufferPointer { totals in
                guard let base = output.baseAddress, let counts = totals.baseAddress else { return }
                for index in order {
                    let row = Int(wanted[Int(index)])
                    replay.advance(to: Timestamp(microseconds: log.time[row]).second)
                    counts.update(repeating: 0, count: definition.totals)
                    replay.read(row: row, of: log, into: counts)
                    layout.write(counts, into: base + Int(index) * definition.columns)
                }
            }
        }
        self.values = values
    }

    /// The places of the encoded rows, and the rows of the log that have values.
    private static func places(
        _ log: InteractionLog, _ rows: EntityRows, from: Int64
    ) -> (place: Column<Int32>, wanted: Column<Int32>) {
        let hasUser = log.users.map { rows.userRow[$0] != nil }
        let hasItem = log.items.map { rows.itemRow[$0] != nil }
        var place = Column<Int32>(at: log.place)
        var wanted = Column<Int32>(at: log.place)
        for row in 0..<log.count where hasUser[Int(log.userIndex[row])] && hasItem[Int(log.itemIndex[row])] {
            let isWanted = log.isImpression[row] && log.time[row] >= from
            place.append(isWanted ? Int32(wanted.count) : -1)
            if isWanted { wanted.append(Int32(row)) }
        }
        return (place, wanted)
    }

    /// Writes the columns of a row of the encoded log; not a number each where it has none.
    package func write(row: Int, into output: UnsafeMutablePointer<Float>) {
        let found = Int(place[row])
        if found < 0 { return output.update(repeating: .nan, count: columns) }
        for column in 0..<columns { output[column] = values[found * columns + column] }
    }

    /// The columns of a row; nil where it has none.
    package func values(row: Int) -> [Float]? {
        let found = Int(place[row])
        return found < 0 ? nil : Array(values[(found * columns)..<((found + 1) * columns)])
    }
}
