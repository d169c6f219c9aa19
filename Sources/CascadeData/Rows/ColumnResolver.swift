/// Finds the columns of a mapping among those of a file, and remembers which were not there.
final class ColumnResolver {
    /// The columns in the order of the records' fields; an open resolver adds those that are asked for.
    private(set) var columns: [String]
    /// Names that were asked for and not found.
    private(set) var unknown: [String] = []
    /// Names that were asked for and stand in the header twice.
    private(set) var ambiguous: [String] = []
    /// Columns without which no row can be made.
    private(set) var requiredNames: [String] = []
    /// Columns that are wanted as whole JSON objects.
    private(set) var objectNames: Set<String> = []

    private let isOpen: Bool
    private let trims: Bool
    private let missing: [[UInt8]]
    private var places: [String: Int] = [:]
    private var twice: Set<String> = []

    /// `columns` nil makes an open resolver: every name that is asked for becomes a column.
    init(columns: [String]?, missing: [String], trims: Bool) {
        self.columns = columns ?? []
        isOpen = columns == nil
        self.trims = trims
        self.missing = missing.filter { !$0.isEmpty }.map { Array($0.utf8) }
        for (index, name) in (columns ?? []).enumerated() {
            if places.updateValue(index, forKey: name) != nil { twice.insert(name) }
        }
    }

    /// The column `name` as a whole JSON object.
    func object(_ name: String) -> Column {
        objectNames.insert(name)
        return column(name)
    }

    /// The column `name`; `missing` adds to the table's texts for missing cells.
    func column(_ name: String, missing more: [String] = [], required: Bool = false) -> Column {
        if required { requiredNames.append(name) }
        if twice.contains(name) { ambiguous.append(name) }
        var index = places[name]
        if index == nil, isOpen {
            index = columns.count
            places[name] = columns.count
            columns.append(name)
        }
        if index == nil, !unknown.contains(name) { unknown.append(name) }
        let markers = missing + more.filter { !$0.isEmpty }.map { Array($0.utf8) }
        return Column(name: name, index: index ?? 0, missing: markers, trims: trims)
    }
}
