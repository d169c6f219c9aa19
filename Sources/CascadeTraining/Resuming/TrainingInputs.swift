import CascadeCore
import CascadeFeatures
import CascadeModels
import Foundation

/// Everything of the database that training depends on, as of one run's beginning.
struct TrainingInputs: Sendable {
    let period: Period
    let log: InteractionLog
    let users: [User]
    let items: [Item]
    let definitions: [AttributeDefinition]
    /// Of `items`, by their places.
    let vectors: ItemVectors

    /// Files of a folder of inputs.
    private enum Name {
        static let log = "log.columns"
        static let users = "users.ndjson"
        static let definitions = "definitions.json"
    }

    private struct UserLine: Codable {
        var id: String
        var attributes: [String: AttributeValue]?
        var created: Int64?
    }

    private struct Definition: Codable {
        var entity: Entity
        var name: String
        var kind: AttributeKind
    }

    /// Writes all into a folder that is there.
    func write(to folder: URL) throws {
        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
        try InteractionLogFile.write(log, to: path(Name.log))
        try ItemVectorsFile.write(
            vectors, names: vectors.kinds.map(\.definition.name), to: path(ItemVectorsFile.name))
        let encoder = JSONEncoder()
        var lines = Data()
        for user in users {
            lines.append(
                try encoder.encode(
                    UserLine(
                        id: user.id.rawValue, attributes: user.attributes.isEmpty ? nil : user.attributes,
                        created: user.createdAt?.microseconds)))
            lines.append(10)
        }
        let files = [
            (CatalogFile.name, try CatalogFile.encode(items)), (Name.users, lines),
            (
                Name.definitions,
                try encoder.encode(definitions.map { Definition(entity: $0.entity, name: $0.name, kind: $0.kind) })
            ),
        ]
        for (name, data) in files {
            do { try data.write(to: folder.appendingPathComponent(name)) } catch {
                throw ModelError.unwritable(file: path(name), reason: error.localizedDescription)
            }
        }
    }

    /// Reads what was written.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file that is not whole.
    init(period: Period, folder: URL) throws {
        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
        func data(_ name: String) throws -> Data {
            guard let data = try? Data(contentsOf: folder.appendingPathComponent(name)) else {
                throw ModelError.corruptArtifact(file: path(name), reason: "the file is missing or unreadable")
            }
            return data
        }
        let decoder = JSONDecoder()
        self.period = period
        log = try InteractionLogFile.read(path(Name.log))
        items = try CatalogFile.decode(try data(CatalogFile.name), path: path(CatalogFile.name))
        vectors = try ItemVectorsFile.read(path: path(ItemVectorsFile.name), items: items.count, features: [])
        users = try data(Name.users).split(separator: 10).enumerated().map { number, line in
            guard let user = try? decoder.decode(UserLine.self, from: line) else {
                throw ModelError.corruptArtifact(file: path(Name.users), reason: "line \(number + 1) is no user")
            }
            return User(
                id: UserID(user.id), attributes: user.attributes ?? [:],
                createdAt: user.created.map(Timestamp.init(microseconds:)))
        }
        guard let read = try? decoder.decode([Definition].self, from: try data(Name.definitions)) else {
            throw ModelError.corruptArtifact(file: path(Name.definitions), reason: "it is not readable")
        }
        definitions = read.map { AttributeDefinition(entity: $0.entity, name: $0.name, kind: $0.kind) }
    }

    init(
        period: Period, log: InteractionLog, users: [User], items: [Item], definitions: [AttributeDefinition],
        vectors: ItemVectors
    ) {
        self.period = period
        self.log = log
        self.users = users
        self.items = items
        self.definitions = definitions
        self.vectors = vectors
    }
}
