import CascadeCore

/// Makes users, items, impressions, events and relations of records; a record that is bad in any part makes nothing at all.
final class RowBuilder {
    private let plan: CompiledTable
    private let hasher: RowHasher
    private let memory: EntityMemory
    private var batch = ImportBatch()
    // Where users and items stand in the batch: a batch holds each at most once.
    private var userPlaces: [UserID: Int] = [:]
    private var itemPlaces: [ItemID: Int] = [:]
    /// Users and items of the batch that were there already, from rows before.
    private(set) var merged = 0

    init(_ plan: CompiledTable, hasher: RowHasher, memory: EntityMemory) {
        self.plan = plan
        self.hasher = hasher
        self.memory = memory
    }

    /// Gives what was made since the last time.
    func take() -> (batch: ImportBatch, merged: Int) {
        defer {
            batch = ImportBatch()
            userPlaces.removeAll(keepingCapacity: true)
            itemPlaces.removeAll(keepingCapacity: true)
            merged = 0
        }
        batch.attributes = plan.declared.take()
        return (batch, merged)
    }

    /// Adds what the record makes; `number` is its number in its file. False where the table's filter passes it over.
    func add(_ record: RawRecord, number: Int) throws(RowProblem) -> Bool {
        if let problem = record.problem { throw problem }
        if let filter = plan.filter, try filter.test(record) != .yes { return false }
        let user = try newUser(record, number)
        let item = try newItem(record, number)
        let impressions = batch.impressions.count
        let events = batch.events.count
        let relations = batch.relations.count
        do throws(RowProblem) {
            if let impression = plan.impression { try add(impression, record, number) }
            for event in plan.events { try add(event, record, number) }
            for relation in plan.relations {
                if let built = try relation.build(record, number: number, hasher) { batch.relations.append(built) }
            }
        } catch {
            batch.impressions.removeLast(batch.impressions.count - impressions)
            batch.events.removeLast(batch.events.count - events)
            batch.relations.removeLast(batch.relations.count - relations)
            throw error
        }
        if let user { put(user.value, sighting: user.sighting) }
        if let item { put(item.value, sighting: item.sighting) }
        return true
    }

    private func newUser(
        _ record: RawRecord, _ number: Int
    ) throws(RowProblem) -> (value: User, sighting: EntityMemory.Sighting?)? {
        guard let user = plan.user else { return nil }
        let sighting = plan.repeatsEntities ? sighting(record, id: user.id, content: user.content) : nil
        if let sighting, memory.users.knows(sighting) { return nil }
        return (try user.build(record, number: number, hasher), sighting)
    }

    private func newItem(
        _ record: RawRecord, _ number: Int
    ) throws(RowProblem) -> (value: Item, sighting: EntityMemory.Sighting?)? {
        guard let item = plan.item else { return nil }
        let sighting = plan.repeatsEntities ? sighting(record, id: item.id, content: item.content) : nil
        if let sighting, memory.items.knows(sighting) { return nil }
        return (try item.build(record, number: number, hasher), sighting)
    }

    private func sighting(_ record: RawRecord, id: EntityKey, content: [Column]) -> EntityMemory.Sighting {
        EntityMemory.Sighting(
            id: hasher.number(of: record, columns: id.columns),
            content: content.isEmpty ? 0 : hasher.number(of: record, columns: content))
    }

    private func put(_ user: User, sighting: EntityMemory.Sighting?) {
        if let sighting { memory.users.remember(sighting) }
        if let place = userPlaces[user.id] {
            batch.users[place].merge(user)
            if !plan.repeatsEntities { merged += 1 }
        } else {
            userPlaces[user.id] = batch.users.count
            batch.users.append(user)
        }
    }

    private func put(_ item: Item, sighting: EntityMemory.Sighting?) {
        if let sighting { memory.items.remember(sighting) }
        if let place = itemPlaces[item.id] {
            batch.items[place].merge(item)
            if !plan.repeatsEntities { merged += 1 }
        } else {
            itemPlaces[item.id] = batch.items.count
            batch.items.append(item)
        }
    }

    private func add(_ plan: CompiledImpression, _ record: RawRecord, _ number: Int) throws(RowProblem) {
        guard let values = try plan.shown.values(record, number: number, hasher) else { return }
        let id = try plan.shown.id.value(record, hasher)
        // The item is part of what names an impression, and a row's hash holds it already.
        let stem = plan.shown.id.isWholeRow ? id : Self.short("\(id):\(values.item.rawValue)")
        var observed = try plan.observed(record)
        for signal in plan.signals {
            switch try signal.when?.test(record) ?? .yes {
            case .yes: break
            case .no: continue
            case .unknown:
                // The cell is missing: nobody knows whether there was feedback, so it is no "no".
                observed?.removeAll { $0 == signal.type }
                continue
            }
            batch.events.append(
                Event(
                    id: stem + signal.suffix, type: signal.type, userID: values.user, itemID: values.item,
                    occurredAt: try signal.time?.value(record, number: number) ?? values.time,
                    value: try signal.value?.number(record), impressionID: id, recommendationID: values.recommendation,
                    sessionID: values.session, position: values.position,
                    surface: values.surface))
        }
        batch.impressions.append(
            Impression(
                id: id, userID: values.user, itemID: values.item, shownAt: values.time, position: values.position,
                propensity: try plan.propensity(record), recommendationID: values.recommendation, observed: observed,
                surface: values.surface))
    }

    private func add(_ plan: CompiledEvent, _ record: RawRecord, _ number: Int) throws(RowProblem) {
        guard let signal = try plan.signal(record) else { return }
        guard let values = try plan.done.values(record, number: number, hasher) else { return }
        var id = try plan.done.id.value(record, hasher)
        if let suffix = plan.suffix { id += suffix }
        batch.events.append(
            Event(
                id: id, type: signal, userID: values.user, itemID: values.item, occurredAt: values.time,
                value: try plan.value?.number(record), impressionID: try plan.impression?.text(record),
                recommendationID: values.recommendation, sessionID: values.session, position: values.position,
                surface: values.surface))
    }

    /// `text` where it leaves room for a signal's name within an identifier, else its hash.
    private static func short(_ text: String) -> String {
        guard text.utf8.count > IdentifierRules.maximumBytes - 65 else { return text }
        var copy = text
        return copy.withUTF8 { StableHash.identifier(UnsafeRawBufferPointer($0), seed: 0) }
    }
}
