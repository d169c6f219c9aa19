package import CascadeConfig
package import CascadeCore

extension DatasetMapping {
    /// Reads and checks the mapping in the YAML file at `path`.
    package static func load(path: String) throws(ConfigError) -> DatasetMapping {
        try parse(StrictYAML.read(path), file: path)
    }

    /// Reads and checks the mapping in `text`; `file` is for messages.
    package static func parse(_ text: String, file: String) throws(ConfigError) -> DatasetMapping {
        let mapping = try StrictYAML.decode(DatasetMapping.self, from: text, file: file)
        let problems = MappingCheck.problems(of: mapping)
        guard problems.isEmpty else { throw .invalid(file: file, problems: problems) }
        return mapping
    }

    /// The attributes that the mapping declares, in the order of the file, each once.
    package var attributeDefinitions: [AttributeDefinition] {
        var known: Set<AttributeDefinition> = []
        var result: [AttributeDefinition] = []
        func add(_ attributes: [AttributeMapping]?, to entity: Entity) {
            for attribute in attributes ?? [] {
                for name in attribute.names {
                    let definition = AttributeDefinition(entity: entity, name: name, kind: attribute.kind)
                    if known.insert(definition).inserted { result.append(definition) }
                }
            }
        }
        for table in tables {
            add(table.user?.attributes, to: .user)
            add(table.item?.attributes, to: .item)
        }
        return result
    }

    /// The kinds of feedback that the mapping can make or says were recorded, in the order of the file, each once.
    package var signals: [String] {
        var result: [String] = []
        func add(_ signal: String) { if !result.contains(signal) { result.append(signal) } }
        for table in tables {
            for signal in table.impression?.signals ?? [] { add(signal.type) }
            for signal in table.impression?.observed ?? [] { add(signal) }
            for event in table.events ?? [] {
                if let type = event.type { add(type) }
                for type in (event.types ?? [:]).values.sorted() { add(type) }
            }
        }
        return result
    }
}
