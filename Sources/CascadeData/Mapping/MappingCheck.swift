import CascadeCore

/// Looks for what is wrong with a mapping that has the right keys and types, and collects all of it.
struct MappingCheck {
    private(set) var problems: [String] = []
    private var kinds: [AttributeDefinition.Key: AttributeKind] = [:]
    private var signals: Set<String> = []

    /// What is wrong with `mapping`; empty when it is fine.
    static func problems(of mapping: DatasetMapping) -> [String] {
        var check = MappingCheck()
        check.whole(mapping)
        return check.problems
    }

    private mutating func whole(_ mapping: DatasetMapping) {
        if mapping.dataset.isEmpty { problems.append("'dataset' needs a name") }
        if mapping.tables.isEmpty, (mapping.vectors ?? []).isEmpty {
            problems.append("'tables' is empty; name at least one table")
        }
        var names: Set<String> = []
        for table in mapping.tables {
            let place = "table '\(table.name)'"
            if table.name.isEmpty { problems.append("a table needs a name") }
            if !names.insert(table.name).inserted { problems.append("\(place) is there twice") }
            form(of: table, place)
            outputs(of: table, place)
        }
        vectors(mapping.vectors ?? [])
        if signals.count > 32 {
            problems.append("\(signals.count) kinds of feedback, where at most 32 can be told apart")
        }
    }

    private mutating func vectors(_ all: [VectorMapping]) {
        var names: Set<String> = []
        for one in all {
            let place = "vectors '\(one.name)'"
            if let problem = VectorDefinition(name: one.name, width: 1).problem {
                problems.append("vectors: \(problem)")
            }
            if !names.insert(one.name).inserted { problems.append("\(place) are there twice") }
            if !one.file.hasSuffix(".npy"), !one.file.hasSuffix(".safetensors") {
                problems.append("\(place): 'file' must end in .npy or .safetensors")
            }
            if one.ids.isEmpty { problems.append("\(place): 'ids' is empty") }
            if one.tensor != nil, !one.file.hasSuffix(".safetensors") {
                problems.append("\(place): 'tensor' belongs to .safetensors files")
            }
        }
    }

    private mutating func form(of table: TableMapping, _ place: String) {
        if table.file.all.isEmpty || table.file.all.contains("") { problems.append("\(place): 'file' is empty") }
        if (table.skipLines ?? 0) < 0 { problems.append("\(place): 'skip_lines' is negative") }
        let isSeparated = [.csv, .tsv, .separated].contains(table.format)
        guard isSeparated else {
            let given: [(String, Bool)] = [
                ("quote", table.quote != nil), ("header", table.header != nil), ("columns", table.columns != nil),
                ("skip_lines", table.skipLines != nil),
                ("delimiter", table.delimiter != nil && table.format != .sequences),
            ]
            for (key, isGiven) in given where isGiven {
                problems.append("\(place): '\(key)' means nothing for the format \(table.format.rawValue)")
            }
            if let delimiter = table.delimiter, delimiter.utf8.count != 1 {
                problems.append("\(place): 'delimiter' must be one byte")
            }
            return
        }
        if table.format == .separated, table.delimiter == nil {
            problems.append("\(place): the format 'separated' needs a 'delimiter'")
        }
        if let delimiter = table.delimiter,
            delimiter.isEmpty || delimiter.utf8.contains(where: { $0 == 10 || $0 == 13 })
        {
            problems.append("\(place): 'delimiter' must be text without line ends")
        }
        if let quote = table.quote, quote.utf8.count > 1 {
            problems.append("\(place): 'quote' must be one byte, or '' for none")
        }
        let hasHeader = table.header ?? true
        if hasHeader, table.columns != nil {
            problems.append("\(place): 'columns' names the columns of a file with 'header: false'; remove one of them")
        }
        if !hasHeader, (table.columns ?? []).isEmpty { problems.append("\(place): 'header: false' needs 'columns'") }
        let columns = table.columns ?? []
        if Set(columns).count < columns.count { problems.append("\(place): 'columns' names one twice") }
    }

    private mutating func outputs(of table: TableMapping, _ place: String) {
        let events = table.events ?? []
        let relations = table.relations ?? []
        if table.user == nil, table.item == nil, table.impression == nil, events.isEmpty, relations.isEmpty {
            problems.append("\(place) makes nothing; add 'user', 'item', 'impression', 'events' or 'relations'")
        }
        condition(table.filter, "\(place).where")
        if let user = table.user {
            key(user.id, "\(place).user.id")
            time(user.createdAt, "\(place).user.created_at")
            attributes(user.attributes, entity: .user, table, "\(place).user")
            objects(user.attributesFrom, table, "\(place).user")
        }
        if let item = table.item {
            key(item.id, "\(place).item.id")
            time(item.createdAt, "\(place).item.created_at")
            condition(item.hidden, "\(place).item.hidden")
            attributes(item.attributes, entity: .item, table, "\(place).item")
            objects(item.attributesFrom, table, "\(place).item")
            if item.categories?.verbatim == true, item.categories?.separator != nil || table.format != .ndjson {
                problems.append(
                    "\(place).item.categories: 'verbatim' is for the JSON lists of ndjson, without a 'separator'")
            }
        }
        if let impression = table.impression { check(impression, "\(place).impression") }
        for (index, event) in events.enumerated() { check(event, "\(place).events[\(index)]") }
        for (index, relation) in relations.enumerated() { check(relation, "\(place).relations[\(index)]") }
    }

    private mutating func check(_ relation: RelationMapping, _ place: String) {
        key(relation.user, "\(place).user")
        if relation.target.isEmpty { problems.append("\(place).target: names no column") }
        time(relation.time, "\(place).time")
        condition(relation.when, "\(place).when")
    }

    private mutating func check(_ impression: ImpressionMapping, _ place: String) {
        key(impression.id, "\(place).id")
        key(impression.user, "\(place).user")
        key(impression.item, "\(place).item")
        time(impression.time, "\(place).time")
        condition(impression.when, "\(place).when")
        var types: Set<String> = []
        for signal in impression.signals ?? [] {
            name(signal.type, "\(place).signals")
            if !types.insert(signal.type).inserted {
                problems.append("\(place): signal '\(signal.type)' is there twice")
            }
            condition(signal.when, "\(place).signals.\(signal.type).when")
            time(signal.time, "\(place).signals.\(signal.type).time")
        }
        for type in impression.observed ?? [] { name(type, "\(place).observed") }
        if impression.observedColumn != nil, impression.observed != nil || impression.signals != nil {
            problems.append("\(place): 'observed_column' goes without 'observed' and 'signals'")
        }
        if let observed = impression.observed, !types.isSubset(of: observed) {
            let absent = types.subtracting(observed).sorted().joined(separator: ", ")
            problems.append("\(place): 'observed' leaves out signals of the table: \(absent)")
        }
    }

    private mutating func check(_ event: EventMapping, _ place: String) {
        key(event.id, "\(place).id")
        key(event.user, "\(place).user")
        key(event.item, "\(place).item")
        time(event.time, "\(place).time")
        condition(event.when, "\(place).when")
        if let type = event.type { name(type, "\(place).type") }
        for type in (event.types ?? [:]).values.sorted() { name(type, "\(place).types") }
        if (event.type == nil) == (event.typeColumn == nil) {
            problems.append("\(place): give either 'type' or 'type_column'")
        }
        if let types = event.types, event.typeColumn == nil || types.isEmpty {
            problems.append("\(place): 'types' names signals by the texts of a 'type_column'")
        }
    }

    private mutating func key(_ key: OneOrMany?, _ place: String) {
        if let key, key.all.isEmpty || key.all.contains("") { problems.append("\(place): names no column") }
    }

    private mutating func name(_ signal: String, _ place: String) {
        signals.insert(signal)
        let isFine = signal.utf8.allSatisfy { byte in
            Character(Unicode.Scalar(byte)).isLetter && byte < 128 || (48...57).contains(byte) || byte == 95
                || byte == 45
        }
        if signal.isEmpty || signal.utf8.count > 64 || !isFine {
            problems.append("\(place): '\(signal)' is no signal name (letters, digits, _ and -, at most 64)")
        }
    }

    private mutating func condition(_ text: String?, _ place: String) {
        guard let text, case .failure(let reason) = Condition.parse(text) else { return }
        problems.append("\(place): \(reason.text)")
    }

    private mutating func time(_ time: TimeMapping?, _ place: String) {
        guard let time else { return }
        if time.format == .steps {
            if time.start.flatMap({ Timestamp(rfc3339: $0) }) == nil {
                problems.append("\(place): 'steps' needs a 'start' such as 2020-01-01T00:00:00Z")
            }
            if time.step.map({ $0.isFinite && $0 != 0 && abs($0) < 1e9 }) != true {
                problems.append("\(place): 'steps' needs a 'step' in seconds that is not 0")
            }
        } else {
            if time.start != nil || time.step != nil {
                problems.append("\(place): 'start' and 'step' belong to the format 'steps'")
            }
            if time.column == TimeColumn.rowNumber {
                problems.append("\(place): '\(TimeColumn.rowNumber)' belongs to the format 'steps'")
            }
        }
    }

    private mutating func objects(_ objects: [AttributeObjectMapping]?, _ table: TableMapping, _ place: String) {
        guard let objects else { return }
        if table.format != .ndjson {
            problems.append("\(place).attributes_from: objects are in the format ndjson only")
        }
        var columns: Set<String> = []
        for object in objects {
            if object.column.isEmpty { problems.append("\(place).attributes_from: names no column") }
            if !columns.insert(object.column).inserted {
                problems.append("\(place).attributes_from: '\(object.column)' is there twice")
            }
        }
    }

    private mutating func attributes(
        _ attributes: [AttributeMapping]?, entity: Entity, _ table: TableMapping, _ place: String
    ) {
        var names: Set<String> = []
        for attribute in attributes ?? [] {
            let columns = attribute.columns ?? []
            if (attribute.column == nil) == columns.isEmpty {
                problems.append("\(place).attributes: give either 'column' or 'columns'")
            }
            if attribute.name != nil, !columns.isEmpty {
                problems.append("\(place).attributes: 'name' goes with 'column', not with 'columns'")
            }
            if attribute.kind == .multi, attribute.separator ?? "" == "", ![.ndjson, .jsonMap].contains(table.format) {
                problems.append("\(place).attributes: the kind 'multi' needs a 'separator'")
            }
            for name in attribute.names {
                if name.isEmpty { problems.append("\(place).attributes: an empty name") }
                if !names.insert(name).inserted { problems.append("\(place).attributes: '\(name)' is there twice") }
                let key = AttributeDefinition.Key(entity: entity, name: name)
                if let known = kinds.updateValue(attribute.kind, forKey: key), known != attribute.kind {
                    let kinds = "\(attribute.kind.rawValue) here and \(known.rawValue) elsewhere"
                    problems.append("\(place).attributes: '\(name)' is \(kinds)")
                }
            }
        }
    }
}

extension AttributeDefinition {
    /// What an attribute is known by.
    struct Key: Hashable {
        let entity: Entity
        let name: String
    }
}

extension AttributeMapping {
    /// The columns it reads.
    var allColumns: [String] { columns ?? column.map { [$0] } ?? [] }

    /// The attributes it makes, in the order of `allColumns`.
    var names: [String] { name.map { [$0] } ?? allColumns }
}
