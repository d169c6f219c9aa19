import CascadeCore
package import Foundation

extension GeneratedWorld {
    /// How many rows went to each file.
    package struct FileCounts: Sendable, Equatable {
        /// Lines of `users.csv.gz`.
        package var users = 0
        /// Lines of `items.ndjson.gz`.
        package var items = 0
        /// Lines of `follows.csv.gz`.
        package var follows = 0
        /// Lines of `impressions.csv.gz`.
        package var impressions = 0
        /// Lines of `events.csv.gz`.
        package var events = 0
    }

    /// Writes the world as files that `Config/datasets/generated.yaml` imports, and `truth.ndjson` beside them.
    ///
    /// `directory` is made where it is missing; files of the same names are replaced. Runs on a thread of its own.
    package func write(to directory: URL) async throws -> FileCounts {
        let pool = ComputePool(threads: 1, name: "generate")
        defer { pool.shutdown() }
        return try await pool.run { cancellation in
            do {
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            } catch {
                throw DataError.unwritable(file: directory.path, reason: error.localizedDescription)
            }
            return try writeFiles(directory, cancellation)
        }
    }

    private func writeFiles(_ directory: URL, _ cancellation: ComputePool.Cancellation) throws -> FileCounts {
        var counts = FileCounts()
        let users = try GzipWriter(directory.appendingPathComponent("users.csv.gz"))
        let items = try GzipWriter(directory.appendingPathComponent("items.ndjson.gz"))
        let follows = try GzipWriter(directory.appendingPathComponent("follows.csv.gz"))
        let impressions = try GzipWriter(directory.appendingPathComponent("impressions.csv.gz"))
        let events = try GzipWriter(directory.appendingPathComponent("events.csv.gz"))
        try users.write(WorldText.userHeader)
        try follows.write(WorldText.followHeader)
        try impressions.write(WorldText.impressionHeader)
        try events.write(WorldText.eventHeader)
        try forEachBatch { batch in
            try cancellation.check()
            for user in batch.users { try users.write(WorldText.line(user)) }
            for item in batch.items { try items.write(WorldText.line(item)) }
            for follow in batch.relations { try follows.write(WorldText.line(follow)) }
            for impression in batch.impressions { try impressions.write(WorldText.line(impression)) }
            for event in batch.events { try events.write(WorldText.line(event)) }
            counts.users += batch.users.count
            counts.items += batch.items.count
            counts.follows += batch.relations.count
            counts.impressions += batch.impressions.count
            counts.events += batch.events.count
            return true
        }
        for file in [users, items, follows, impressions, events] { try file.finish() }
        try writeTruth(directory.appendingPathComponent(WorldTruth.fileName))
        return counts
    }

    private func writeTruth(_ url: URL) throws(DataError) {
        var text = ""
        for user in worldUsers {
            let interests = user.interests.map { one in
                let liked = (0..<WorldItem.subtopics).filter { one.subtopics & UInt8(1 << $0) != 0 }
                return "{\"interest\":\(one.interest),\"strength\":\(one.strength),\"subtopics\":\(liked)}"
            }
            text += "{\"user\":\(JSONText.quoted(user.user.id.rawValue)),"
            text += "\"interests\":[\(interests.joined(separator: ","))]}\n"
        }
        for item in worldItems {
            text += "{\"item\":\(JSONText.quoted(item.item.id.rawValue)),\"interest\":\(item.interest),"
            text += "\"subtopic\":\(item.subtopic),\"quality\":\(item.quality)}\n"
        }
        do {
            try Data(text.utf8).write(to: url, options: .atomic)
        } catch {
            throw .unwritable(file: url.path, reason: error.localizedDescription)
        }
    }
}

/// The lines of the files of a generated world.
private enum WorldText {
    static let userHeader = "user_id,created_at,age_band,country,device,tenure_days\n"
    static let followHeader = "user_id,creator_id,followed_at\n"
    static let impressionHeader = "slate_id,user_id,item_id,shown_ms,position,propensity\n"
    static let eventHeader = "event_id,type,user_id,item_id,time_ms,value,slate_id,position\n"

    static func line(_ user: User) -> String {
        let cells = WorldUser.definitions.map { user.attributes[$0.name]?.tokens.first ?? "" }
        return "\(user.id),\(user.createdAt?.rfc3339 ?? ""),\(cells.joined(separator: ","))\n"
    }

    static func line(_ item: Item) -> String {
        var members = ["\"item_id\":\(JSONText.quoted(item.id.rawValue))"]
        if let title = item.title { members.append("\"title\":\(JSONText.quoted(title))") }
        if let creator = item.creatorID { members.append("\"creator_id\":\(JSONText.quoted(creator))") }
        if let time = item.createdAt { members.append("\"created_at\":\(JSONText.quoted(time.rfc3339))") }
        members.append("\"hidden\":\(item.hidden)")
        for definition in WorldItem.definitions {
            guard let value = item.attributes[definition.name] else { continue }
            members.append("\(JSONText.quoted(definition.name)):\(json(value))")
        }
        return "{\(members.joined(separator: ","))}\n"
    }

    static func line(_ follow: UserRelation) -> String {
        "\(follow.userID),\(follow.target),\(follow.since?.rfc3339 ?? "")\n"
    }

    static func line(_ impression: Impression) -> String {
        let time = impression.shownAt.microseconds / 1000
        let position = impression.position.map { "\($0)" } ?? ""
        let propensity = impression.propensity.map { "\($0)" } ?? ""
        return "\(impression.id),\(impression.userID),\(impression.itemID),\(time),\(position),\(propensity)\n"
    }

    static func line(_ event: Event) -> String {
        let time = event.occurredAt.microseconds / 1000
        let value = event.value.map { "\($0)" } ?? ""
        let tail = "\(event.impressionID ?? ""),\(event.position.map { "\($0)" } ?? "")"
        return "\(event.id),\(event.type),\(event.userID),\(event.itemID),\(time),\(value),\(tail)\n"
    }

    private static func json(_ value: AttributeValue) -> String {
        switch value {
        case .number(let number): "\(number)"
        case .text(let text): JSONText.quoted(text)
        case .list(let texts): "[\(texts.map(JSONText.quoted).joined(separator: ","))]"
        case .flag(let flag): "\(flag)"
        }
    }
}
