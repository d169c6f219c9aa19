/// A file that is open, with its table's mapping on its columns.
struct OpenTable {
    let reader: any RecordReader
    let plan: CompiledTable
    /// What is odd about the file and no error.
    var warnings: [String] = []

    /// How many records of an NDJSON file are looked at for the members that the mapping names.
    private static let probeRows = 1000

    /// Opens `file`; a column that the mapping names and the file lacks is an error.
    static func open(
        _ file: TableFile, table: TableMapping, mapping: DatasetMapping
    ) throws(DataError) -> OpenTable {
        let source = try TextFile.open(path: file.path, name: file.name, encoding: table.encoding ?? .utf8)
        return try open(ByteWindow(source), file: file.name, table: table, mapping: mapping)
    }

    /// Opens a window over the text of a file.
    static func open(
        _ window: ByteWindow, file: String, table: TableMapping, mapping: DatasetMapping
    ) throws(DataError) -> OpenTable {
        let missing = (mapping.missing ?? []) + (table.missing ?? [])
        func resolver(_ columns: [String]?) -> ColumnResolver {
            ColumnResolver(columns: columns, missing: missing, trims: table.trim ?? false)
        }
        if table.format == .ndjson {
            let open = resolver(nil)
            let plan = CompiledTable(table, open)
            let reader = try NDJSONReader(
                window, columns: open.columns, objects: open.objectNames, file: file)
            return OpenTable(reader: reader, plan: plan)
        }
        let reader: any RecordReader =
            switch table.format {
            case .jsonMap: try JSONMapReader(window, file: file)
            case .sequences: try SequenceReader(window, delimiter: table.delimiter?.utf8.first, file: file)
            default: try SeparatedReader(window, format: table.separatedFormat, file: file)
            }
        let columns = resolver(reader.columns)
        let plan = CompiledTable(table, columns)
        guard columns.unknown.isEmpty else {
            throw .unknownColumns(file: file, table: table.name, columns: columns.unknown, present: reader.columns)
        }
        if let twice = columns.ambiguous.first { throw .ambiguousColumn(file: file, column: twice) }
        return OpenTable(reader: reader, plan: plan)
    }

    /// Opens `file` only to see whether it fits the mapping; gives what is odd about it.
    static func probe(
        _ file: TableFile, table: TableMapping, mapping: DatasetMapping
    ) throws(DataError) -> [String] {
        guard table.format == .ndjson else {
            _ = try open(file, table: table, mapping: mapping)
            return []
        }
        let columns = ColumnResolver(columns: nil, missing: [], trims: false)
        _ = CompiledTable(table, columns)
        let source = try TextFile.open(path: file.path, name: file.name, encoding: table.encoding ?? .utf8)
        let reader = try NDJSONReader(
            ByteWindow(source), columns: columns.columns, objects: columns.objectNames, file: file.name,
            collects: true)
        var rows = 0
        while rows < probeRows, try reader.next() { rows += 1 }
        // Objects may leave out members, so only those that every row needs must be there.
        let unseen = columns.columns.filter { !reader.seen.contains($0) }
        let needed = unseen.filter(columns.requiredNames.contains)
        if !needed.isEmpty, !reader.seen.isEmpty {
            throw .unknownColumns(
                file: file.name, table: table.name, columns: needed, present: reader.seen.sorted())
        }
        guard !unseen.isEmpty, rows > 0 else { return [] }
        return ["\(file.name): no '\(unseen.joined(separator: "', '"))' in the first \(rows) rows"]
    }
}

extension TableMapping {
    /// How its separated text is written.
    var separatedFormat: SeparatedFormat {
        var result = SeparatedFormat()
        result.delimiter = Array((delimiter ?? (format == .tsv ? "\t" : ",")).utf8)
        result.quote = quote.map { $0.utf8.first } ?? (format == .csv ? UInt8(ascii: "\"") : nil)
        result.header = header ?? true
        result.columns = columns ?? []
        result.skipLines = skipLines ?? 0
        return result
    }
}
