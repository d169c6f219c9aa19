import CascadeCore

/// The identifier of a row: a cell, a hash of some cells, or a hash of the whole row.
struct CompiledIdentifier {
    private let columns: [Column]

    init(_ mapping: OneOrMany?, _ resolver: ColumnResolver) {
        columns = (mapping?.all ?? []).map { resolver.column($0, required: true) }
    }

    /// True when the row itself is the identifier.
    var isWholeRow: Bool { columns.isEmpty }

    /// The identifier of the row, with `hasher` for those that are hashes.
    func value(_ record: RawRecord, _ hasher: RowHasher) throws(RowProblem) -> String {
        if columns.isEmpty { return hasher.identifier(of: record) }
        if columns.count == 1 { return try columns[0].identifier(record) }
        for column in columns { _ = try column.required(record) }
        return hasher.identifier(of: record, columns: columns)
    }
}

/// The parts of impressions and events that are written the same way.
struct CompiledInteraction {
    let id: CompiledIdentifier
    private let user: EntityKey
    private let item: EntityKey
    private let time: TimeColumn
    private let position: Column?
    private let firstPosition: Int
    private let recommendation: Column?
    private let session: Column?
    private let surface: Column?
    private let when: CompiledCondition?

    init(_ mapping: ImpressionMapping, _ resolver: ColumnResolver) {
        id = CompiledIdentifier(mapping.id, resolver)
        user = EntityKey(mapping.user, resolver)
        item = EntityKey(mapping.item, resolver)
        time = TimeColumn(mapping.time, resolver, required: true)
        position = mapping.position.map { resolver.column($0) }
        firstPosition = mapping.firstPosition ?? 0
        recommendation = mapping.recommendation.map { resolver.column($0) }
        session = mapping.session.map { resolver.column($0) }
        surface = mapping.surface.map { resolver.column($0) }
        when = mapping.when.map { CompiledCondition($0, resolver) }
    }

    init(_ mapping: EventMapping, _ resolver: ColumnResolver) {
        id = CompiledIdentifier(mapping.id, resolver)
        user = EntityKey(mapping.user, resolver)
        item = EntityKey(mapping.item, resolver)
        time = TimeColumn(mapping.time, resolver, required: true)
        position = mapping.position.map { resolver.column($0) }
        firstPosition = mapping.firstPosition ?? 0
        recommendation = mapping.recommendation.map { resolver.column($0) }
        session = mapping.session.map { resolver.column($0) }
        surface = mapping.surface.map { resolver.column($0) }
        when = mapping.when.map { CompiledCondition($0, resolver) }
    }

    /// What was read, for an impression or an event to be made of.
    struct Values {
        let user: UserID
        let item: ItemID
        let time: Timestamp
        let position: Int?
        let recommendation: String?
        let session: String?
        let surface: String?
    }

    /// The row's values, or nil where it does not meet the condition.
    func values(_ record: RawRecord, number: Int, _ hasher: RowHasher) throws(RowProblem) -> Values? {
        if let when, try when.test(record) != .yes { return nil }
        return Values(
            user: UserID(try user.value(record, hasher)), item: ItemID(try item.value(record, hasher)),
            time: try time.required(record, number: number), position: try place(record),
            recommendation: try recommendation?.text(record), session: try session?.text(record),
            surface: try Self.surface(surface, record))
    }

    private static func surface(_ column: Column?, _ record: RawRecord) throws(RowProblem) -> String? {
        guard let column, let text = try column.text(record) else { return nil }
        guard text.utf8.count <= 64 else { throw column.problem("is no surface of at most 64 bytes") }
        return text
    }

    private func place(_ record: RawRecord) throws(RowProblem) -> Int? {
        guard let position, let number = try position.number(record) else { return nil }
        guard let whole = Int32(exactly: number - Double(firstPosition)), whole >= 0 else {
            throw position.problem("is no position from \(firstPosition) on")
        }
        return Int(whole)
    }
}

/// One kind of feedback on the columns of a file.
struct CompiledSignal {
    let type: String
    /// What is added to the row's identifier for the event's.
    let suffix: String
    let when: CompiledCondition?
    let value: Column?
    let time: TimeColumn?

    init(_ mapping: SignalMapping, _ resolver: ColumnResolver) {
        type = mapping.type
        suffix = ":" + mapping.type
        when = mapping.when.map { CompiledCondition($0, resolver) }
        value = mapping.value.map { resolver.column($0) }
        time = mapping.time.map { TimeColumn($0, resolver, required: false) }
    }
}

/// An impression on the columns of a file.
struct CompiledImpression {
    let shown: CompiledInteraction
    let propensity: Column?
    let signals: [CompiledSignal]
    /// The kinds of feedback that are recorded for every row; nil when the table says nothing about it, or each row its own.
    private let observed: [String]?
    private let observedColumn: Column?

    init(_ mapping: ImpressionMapping, _ resolver: ColumnResolver) {
        shown = CompiledInteraction(mapping, resolver)
        propensity = mapping.propensity.map { resolver.column($0) }
        signals = (mapping.signals ?? []).map { CompiledSignal($0, resolver) }
        observed = mapping.observed ?? (mapping.signals.map { $0.map(\.type) })
        observedColumn = mapping.observedColumn.map { resolver.column($0) }
    }

    /// The kinds of feedback that were recorded for the row; nil where nothing says it.
    func observed(_ record: RawRecord) throws(RowProblem) -> [String]? {
        guard let observedColumn else { return observed }
        guard let field = observedColumn.value(record) else { return nil }
        guard field.kind == .list else { throw observedColumn.problem("is no list of kinds of feedback") }
        return CellList.tokens(observedColumn, record, separator: [], verbatim: true)
    }

    func propensity(_ record: RawRecord) throws(RowProblem) -> Double? {
        guard let propensity, let value = try propensity.number(record) else { return nil }
        guard value > 0, value <= 1 else { throw propensity.problem("is no probability above 0 and up to 1") }
        return value
    }
}

/// An event on the columns of a file.
struct CompiledEvent {
    let done: CompiledInteraction
    let value: Column?
    let impression: Column?
    /// What is added to the row's identifier for the event's.
    let suffix: String?
    private let type: String?
    private let typeColumn: Column?
    private let types: [String: String]?

    /// `ordinal` counts the events that one row can make.
    init(_ mapping: EventMapping, ordinal: Int, _ resolver: ColumnResolver) {
        done = CompiledInteraction(mapping, resolver)
        value = mapping.value.map { resolver.column($0) }
        impression = mapping.impression.map { resolver.column($0) }
        type = mapping.type
        typeColumn = mapping.typeColumn.map { resolver.column($0, required: true) }
        types = mapping.types
        suffix = mapping.id == nil ? "#\(ordinal)" : nil
    }

    /// The row's signal, or nil where it is none that is wanted.
    func signal(_ record: RawRecord) throws(RowProblem) -> String? {
        if let type { return type }
        guard let text = try typeColumn?.text(record) else { return nil }
        return types == nil ? text : types?[text]
    }
}
