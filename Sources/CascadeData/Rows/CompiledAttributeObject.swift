import CascadeCore
import Foundation

/// Attributes that are the members of one JSON object of a row.
struct CompiledAttributeObject {
    let column: Column
    private let entity: Entity
    private let kind: AttributeKind?
    private let declared: DeclaredAttributes

    static func all(
        _ mappings: [AttributeObjectMapping]?, of entity: Entity, _ resolver: ColumnResolver,
        _ declared: DeclaredAttributes
    ) -> [CompiledAttributeObject] {
        (mappings ?? []).map { mapping in
            CompiledAttributeObject(
                column: resolver.object(mapping.column), entity: entity, kind: mapping.kind, declared: declared)
        }
    }

    /// The row's values by name; those that are null are missing.
    func values(_ record: RawRecord) throws(RowProblem) -> [String: AttributeValue] {
        guard let field = column.value(record) else { return [:] }
        guard field.kind == .object else { throw column.problem("is no object") }
        // Most objects are empty: each kind of attribute has its own.
        if field.count == 2 { return [:] }
        let data = Data(field.buffer)
        guard let members = try? JSONDecoder().decode([String: AttributeValue?].self, from: data) else {
            throw column.problem("is no object of texts, numbers, truth values and lists of texts")
        }
        let values = members.compactMapValues { $0 }
        if let kind { declared.add(values.keys, kind, of: entity) }
        return values
    }
}

/// The attributes whose kinds a table's objects told, each once.
final class DeclaredAttributes {
    private var known: Set<AttributeDefinition> = []
    private var new: [AttributeDefinition] = []

    func add(_ names: some Sequence<String>, _ kind: AttributeKind, of entity: Entity) {
        for name in names {
            let definition = AttributeDefinition(entity: entity, name: name, kind: kind)
            if known.insert(definition).inserted { new.append(definition) }
        }
    }

    /// Those since the last time.
    func take() -> [AttributeDefinition] {
        defer { new = [] }
        return new
    }
}
