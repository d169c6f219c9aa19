import CascadeCore
import CascadePostgres

/// Fills an `InteractionLog` row by row, numbering users and items on the way.
struct InteractionLogBuilder: Sendable {
    private var log: InteractionLog
    private var items = ByteDictionary()
    private var surfaces = ByteDictionary()
    /// The bytes of the user of the last row; rows come sorted by user.
    private var lastUser: [UInt8] = []
    private let allSignals: UInt32
    /// The signals whose values rows bring, in the order of their columns.
    let valued: [String]
    /// One a signal of `valued`, each [rows].
    private var values: [Column<Float>]
    private var answers: AnswerLog?
    private var answeringUsers = ByteDictionary()
    private var answeredItems = ByteDictionary()

    /// Columns of a row before those of values.
    private static let columns = 8

    /// - Parameters:
    ///   - withAnswers: whether answers are appended too, and what impressions declare is kept.
    ///   - wanted: signals whose values are kept; those among them that are not registered have none.
    ///   - place: where the columns grow.
    init(
        signals: [String], withAnswers: Bool = false, values wanted: [String] = [], at place: ColumnPlace = .memory
    ) {
        log = InteractionLog(at: place)
        valued = signals.filter(wanted.contains)
        values = valued.map { _ in Column(at: place) }
        log.signals = signals
        allSignals = FeedbackMask.all(signals.count)
        answers = withAnswers ? AnswerLog(at: place) : nil
    }

    /// Adds a row of `InteractionQuery`.
    mutating func append(_ row: CopyOutRow) throws {
        let user = try row.utf8(0)
        if log.users.isEmpty || !lastUser.withUnsafeBytes({ ByteOrder.areEqual($0, user) }) {
            lastUser.removeAll(keepingCapacity: true)
            lastUser.append(contentsOf: user)
            log.users.append(UserID(String(decoding: user, as: UTF8.self)))
        }
        let given = UInt32(truncatingIfNeeded: try row.int(3))
        let isImpression = try row.bool(5)
        log.userIndex.append(Int32(log.users.count - 1))
        log.itemIndex.append(items.number(of: try row.utf8(1)))
        log.time.append(try row.microseconds(2))
        log.feedback.append(given)
        let declared = isImpression ? (row.isNull(4) ? allSignals : UInt32(truncatingIfNeeded: try row.int(4))) : 0
        log.observed.append(declared | given)
        log.isImpression.append(isImpression)
        log.position.append(row.isNull(6) ? -1 : Int16(clamping: try row.int(6)))
        log.surface.append(try surface(of: row))
        if answers != nil { log.declared.append(declared) }
        for place in values.indices { values[place].append(try Self.value(row, Self.columns + place)) }
    }

    /// 0 for none, and for those that come when there are 255 others.
    private mutating func surface(of row: CopyOutRow) throws -> UInt8 {
        row.isNull(7) ? 0 : UInt8(exactly: surfaces.number(of: try row.utf8(7)) + 1) ?? 0
    }

    /// NaN for none, and for one that is no number.
    private static func value(_ row: CopyOutRow, _ column: Int) throws -> Float {
        if row.isNull(column) { return .nan }
        let value = try row.float(column)
        return value.isFinite ? value : .nan
    }

    /// Adds a row of `InteractionQuery.answers`.
    mutating func append(answer row: CopyOutRow) throws {
        answers?.userIndex.append(answeringUsers.number(of: try row.utf8(0)))
        answers?.itemIndex.append(answeredItems.number(of: try row.utf8(1)))
        answers?.time.append(try row.microseconds(2))
        answers?.signal.append(UInt8(truncatingIfNeeded: try row.int(3)))
    }

    /// The log with items renumbered in the order of their identifiers' bytes.
    mutating func finish() -> InteractionLog {
        let order = items.sortedNumbers()
        var rank = [Int32](repeating: 0, count: order.count)
        log.items.reserveCapacity(order.count)
        for (place, number) in order.enumerated() {
            rank[Int(number)] = Int32(place)
            log.items.append(ItemID(items.text(Int(number))))
        }
        for index in log.itemIndex.indices { log.itemIndex[index] = rank[Int(log.itemIndex[index])] }
        answers?.users = (0..<answeringUsers.count).map { UserID(answeringUsers.text($0)) }
        answers?.items = (0..<answeredItems.count).map { ItemID(answeredItems.text($0)) }
        log.surfaces = (0..<min(surfaces.count, 255)).map { surfaces.text($0) }
        log.answers = answers
        log.values = Dictionary(uniqueKeysWithValues: zip(valued, values))
        return log
    }
}
