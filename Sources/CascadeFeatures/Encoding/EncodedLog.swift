package import CascadeCore

/// An interaction log with its users and items as rows of encoded entities: what examples are cut from.
///
/// Rows are sorted by user, then time. The past of a row are the rows of its user in an earlier second.
package struct EncodedLog: Sendable {
    /// [rows] row of the encoded users.
    package private(set) var user: Column<Int32>
    /// [rows] row of the encoded items.
    package private(set) var item: Column<Int32>
    /// [rows] microseconds since 1970.
    package private(set) var time: Column<Int64>
    /// [rows] code of the step, by the map's history signals and surfaces.
    package private(set) var code: Column<UInt8>
    /// [rows] bit `k`: head `k` was given.
    package private(set) var positives: Column<UInt32>
    /// [rows] bit `k`: head `k` was recorded.
    package private(set) var observed: Column<UInt32>
    /// [rows] true for an impression.
    package private(set) var isImpression: Column<Bool>
    /// [rows] place of an impression in its list, from 0; negative where it is not known.
    package private(set) var position: Column<Int16>
    /// One a value head, each [rows]: its value, NaN where none is known.
    package private(set) var values: [Column<Float>]
    /// [users + 1] first row of each user.
    package private(set) var userStart: [Int32] = []

    /// The bits of a code that tell feedback; the others tell the surface.
    package let feedbackBits: UInt8

    package var count: Int { user.count }

    /// Where its columns grow, and those of what is made of it.
    package var place: ColumnPlace { user.place }

    /// Encodes `log` with the entities of `catalog`; rows of users or items that it does not hold are left out.
    ///
    /// - Complexity: O(rows + entities).
    package init(
        _ log: InteractionLog, catalog: EntityRows, heads: [String], historySignals: [String],
        surfaces: [String] = [], values valueHeads: [ValueHead] = []
    ) {
        let users = log.users.map { catalog.userRow[$0] ?? -1 }
        let items = log.items.map { catalog.itemRow[$0] ?? -1 }
        let headBits = heads.map { log.mask(of: $0) }
        let historyBits = historySignals.map { log.mask(of: $0) }
        feedbackBits = UInt8(truncatingIfNeeded: 1 << historySignals.count - 1)
        let places = [0] + log.surfaces.map { (surfaces.firstIndex(of: $0) ?? -1) + 1 }
        let columns = valueHeads.map { log.valueColumn(of: $0.settings.signal) }
        let at = log.place
        user = Column(at: at)
        item = Column(at: at)
        time = Column(at: at)
        code = Column(at: at)
        positives = Column(at: at)
        observed = Column(at: at)
        isImpression = Column(at: at)
        position = Column(at: at)
        values = columns.map { _ in Column(at: at) }
        // The log is sorted by identifier, as the catalog's rows are, so the rows come out grouped by user row.
        for row in 0..<log.count {
            let user = users[Int(log.userIndex[row])]
            let item = items[Int(log.itemIndex[row])]
            guard user >= 0, item >= 0 else { continue }
            self.user.append(user)
            self.item.append(item)
            time.append(log.time[row])
            let place = log.surface.isEmpty ? 0 : places[Int(log.surface[row])]
            code.append(
                UInt8(
                    truncatingIfNeeded: Int(Self.pack(log.feedback[row], historyBits)) | place << historySignals.count))
            positives.append(Self.pack(log.feedback[row], headBits))
            observed.append(Self.pack(log.observed[row], headBits))
            isImpression.append(log.isImpression[row])
            position.append(log.position.isEmpty ? -1 : log.position[row])
            for (place, column) in columns.enumerated() { values[place].append(column[row]) }
        }
        userStart = Self.starts(of: user, users: catalog.users.count)
    }

    private static func starts(of user: Column<Int32>, users: Int) -> [Int32] {
        var starts = [Int32](repeating: 0, count: users + 1)
        for user in user { starts[Int(user) + 1] += 1 }
        for index in 1..<starts.count { starts[index] += starts[index - 1] }
        return starts
    }

    /// The rows that `isWanted`, of the same users and items.
    package func rows(_ isWanted: (Int) -> Bool) -> EncodedLog {
        var kept = Column<Int32>(at: place)
        for row in 0..<Int32(count) where isWanted(Int(row)) { kept.append(row) }
        func taken<Number>(_ column: Column<Number>) -> Column<Number> {
            Column(kept.lazy.map { column[Int($0)] }, at: place)
        }
        var result = self
        result.user = taken(user)
        result.item = taken(item)
        result.time = taken(time)
        result.code = taken(code)
        result.positives = taken(positives)
        result.observed = taken(observed)
        result.isImpression = taken(isImpression)
        result.position = taken(position)
        result.values = values.map(taken)
        result.userStart = Self.starts(of: result.user, users: userStart.count - 1)
        return result
    }

    /// Whether a row received feedback that a step tells.
    package func isGiven(_ row: Int) -> Bool { code[row] & feedbackBits != 0 }

    /// Whether a row is an impression that tells something of a head or of a value head.
    package func isTold(_ row: Int) -> Bool {
        isImpression[row] && (observed[row] != 0 || values.contains { !$0[row].isNaN })
    }

    private static func pack(_ mask: UInt32, _ bits: [UInt32]) -> UInt32 {
        var result: UInt32 = 0
        for (position, bit) in bits.enumerated() where mask & bit != 0 { result |= 1 << UInt32(position) }
        return result
    }

    /// The first row that is not in the past of `row`: those of the same second are not before each other.
    package func historyEnd(of row: Int) -> Int {
        let start = Int(userStart[Int(user[row])])
        let second = Timestamp(microseconds: time[row]).second
        var end = row
        while end > start, Timestamp(microseconds: time[end - 1]).second == second { end -= 1 }
        return end
    }

    /// The first row of `user` at or after `time`.
    package func firstRow(of user: Int, at moment: Int64) -> Int {
        var low = Int(userStart[user])
        var high = Int(userStart[user + 1])
        while low < high {
            let middle = (low + high) / 2
            if time[middle] < moment { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
