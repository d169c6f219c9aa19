import CascadeCore
import CascadePipeline

extension RecommendRequest {
    /// Reads the members of a request's body; what is out of range `problems(under:)` tells.
    init(_ reader: ObjectReader) {
        self.init(userID: Self.userID(reader))
        limit = reader.integer("limit", in: Int.min...Int.max)
        debug = reader.flag("debug") ?? false
        events = SessionEvent.list(reader)
        releaseID = reader.identifier("release_id")
        for entry in reader.entries("weights", maximumCount: 64) ?? [] {
            guard let weight = entry.value.anyNumber else {
                reader.problems.add(entry.pointer, "wrong_type", "must be a number, not \(entry.value.kind)")
                continue
            }
            weights[entry.name] = weight
        }
        seed = reader.integer("seed", in: 0...Int.max).map { UInt64($0) }
        for entry in reader.entries("context", maximumCount: 32) ?? [] {
            context[entry.name] = reader.text(entry.value, at: entry.pointer, maximumBytes: 256)
        }
        if let words = reader.elements("include", count: 0...Include.allCases.count) {
            include = Set(
                words.compactMap { word in
                    reader.text(word.value, at: word.pointer, maximumBytes: 64).flatMap {
                        Include.named($0, at: word.pointer, reader.problems)
                    }
                })
        }
        if let nested = reader.object("filters") { filters = Filters(nested) }
        if let nested = reader.object("diversity") { diversity = Diversity(nested) }
        reader.refuseUnknown()
    }

    /// A forgotten user must not pass for an anonymous one, so the member has to be there, null or not.
    private static func userID(_ reader: ObjectReader) -> UserID? {
        if reader.has("user_id") { return reader.string("user_id").map { UserID($0) } }
        reader.problems.add(
            reader.place("user_id"), "missing", "is required; null asks for the slate of an anonymous visitor")
        return nil
    }
}

extension SessionEvent {
    /// Reads `events` of a request's body.
    static func list(_ reader: ObjectReader) -> [SessionEvent] {
        (reader.elements("events", count: 0...maximum) ?? []).map { element in
            let event = ObjectReader(element.value, at: element.pointer, problems: reader.problems)
            defer { event.refuseUnknown() }
            return SessionEvent(
                itemID: ItemID(event.identifier("item_id", required: true) ?? ""),
                type: event.text("type", maximumBytes: 64).flatMap {
                    EventDocument.type($0, at: event.place("type"), reader.problems, types: nil)
                },
                at: event.time("occurred_at"), surface: event.text("surface", maximumBytes: 64))
        }
    }
}

extension RecommendRequest.Filters {
    fileprivate init(_ reader: ObjectReader) {
        self.init()
        categoriesAny = reader.texts("categories_any", maximumCount: Self.maximumCategories) ?? []
        excludeItemIDs = (reader.strings("exclude_item_ids") ?? []).map { ItemID($0) }
        excludeSeen = reader.flag("exclude_seen") ?? true
        maxAgeSeconds = reader.number("max_age_seconds")
        reader.refuseUnknown()
    }
}

extension RecommendRequest.Diversity {
    fileprivate init(_ reader: ObjectReader) {
        self.init()
        creatorDecay = reader.number("creator_decay")
        creatorFloor = reader.number("creator_floor")
        maxPerCreator = reader.integer("max_per_creator", in: Int.min...Int.max)
        maxPerCategory = reader.integer("max_per_category", in: Int.min...Int.max)
        reader.refuseUnknown()
    }
}

extension RecommendRequest.Include {
    /// The part of that name; adds a problem when there is none.
    static func named(_ name: String, at pointer: String, _ problems: Problems) -> Self? {
        if let part = Self(rawValue: name) { return part }
        let names = allCases.map(\.rawValue).joined(separator: ", ")
        problems.add(pointer, "invalid", "must be one of \(names)")
        return nil
    }
}
