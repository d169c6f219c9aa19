import CascadeCore
import Foundation

/// The files of one entry of `vectors`, found and checked.
struct VectorSource: Sendable {
    let definition: VectorDefinition
    let file: VectorFile
    let lines: IdentifierLines
    private let idsName: String

    /// Finds the files of `mapping` in `directory`; nil where they may be missing and are.
    static func find(_ mapping: VectorMapping, in directory: URL) throws(DataError) -> VectorSource? {
        guard let file = TableFiles.path(mapping.file, in: directory) else {
            if mapping.optional == true { return nil }
            throw TableFiles.missing(mapping.file, in: directory)
        }
        guard let ids = TableFiles.path(mapping.ids, in: directory) else {
            throw TableFiles.missing(mapping.ids, in: directory)
        }
        return try VectorSource(mapping, file: file, ids: ids)
    }

    private init(_ mapping: VectorMapping, file path: String, ids: String) throws(DataError) {
        file = try VectorFile(path: path, name: mapping.file, tensor: mapping.tensor)
        definition = VectorDefinition(name: mapping.name, width: file.layout.columns)
        // The mapping was checked, so that only the width is left to be wrong.
        if let problem = definition.problem {
            throw .badVectors(
                file: mapping.file, reason: "\(problem); reduce them, such as to their principal components")
        }
        lines = try IdentifierLines(path: ids, name: mapping.ids)
        idsName = mapping.ids
        guard lines.count == file.layout.rows else {
            throw .badVectors(
                file: mapping.file,
                reason: "it has \(file.layout.rows) rows, but \(mapping.ids) has \(lines.count) lines; every row needs "
                    + "its item")
        }
    }

    var rows: Int { file.layout.rows }

    /// Throws where vectors of that name are among those `declared` and have another width.
    func check(_ declared: [VectorDefinition]) throws(DataError) {
        guard let former = declared.first(where: { $0.name == definition.name }), former != definition else { return }
        throw .badVectors(
            file: file.name,
            reason:
                "its rows have \(definition.width) columns, but the vectors '\(definition.name)' in the database have "
                + "\(former.width): give the entry of 'vectors' in the mapping another name, or delete the former ones "
                + "(DELETE FROM vector_definitions WHERE name = '\(definition.name)'), and run 'cascade train' after "
                + "the import")
    }

    /// The vector of a row.
    func vector(_ row: Int) throws(RowProblem) -> ItemVector {
        let item = try lines.identifier(row)
        let values = file.row(row)
        if let column = values.firstIndex(where: { !$0.isFinite }) {
            throw RowProblem(
                column: "\(column)", reason: "number \(column) of the vector is \(values[column]), which is not finite")
        }
        return ItemVector(itemID: item, name: definition.name, values: values)
    }
}
