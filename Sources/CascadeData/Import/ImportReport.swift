/// What an import did with one table.
package struct TableReport: Sendable, Equatable {
    /// The table's name in the mapping; of vectors `vectors NAME`.
    package var table: String
    /// The files that were read, relative to the data set's folder.
    package var files: [String] = []
    /// Rows that were read, good and bad.
    package var rowsRead = 0
    /// Rows that the table's `where` passed over.
    package var skipped = 0
    /// Bad rows; they are in the rejects file.
    package var rejected = 0
    /// Vectors that were left out because the catalog has no such item.
    package var withoutItem = 0
    /// What the sink did with users, items, impressions, events, relations and vectors.
    package var outcome: [ImportCount.Kind: ImportCount] = [:]
    /// Wall-clock seconds, with the waiting for the sink.
    package var seconds = 0.0

    /// A report of nothing yet.
    package init(table: String) { self.table = table }

    /// Users, items, impressions, events and relations that are new.
    package var inserted: Int { outcome.values.reduce(0) { $0 + $1.inserted } }

    /// Users, items, impressions, events and relations that were there already.
    package var duplicates: Int { outcome.values.reduce(0) { $0 + $1.duplicates } }

    /// Rows read a second.
    package var rate: Double { seconds > 0 ? Double(rowsRead) / seconds : 0 }
}

/// How many of one kind are new and how many were there.
package struct ImportCount: Sendable, Equatable {
    /// What rows become.
    package enum Kind: String, Sendable, CaseIterable {
        case users, items, impressions, events, relations, vectors
    }

    /// How many were new.
    package var inserted = 0
    /// How many were there already.
    package var duplicates = 0
}

/// What an import did.
package struct ImportReport: Sendable, Equatable {
    /// The data set's name in the mapping.
    package var dataset: String
    /// One report a table, in the order of the mapping.
    package var tables: [TableReport] = []
    /// What is odd and no error, such as a file without rows.
    package var warnings: [String] = []
    /// Wall-clock seconds, with the waiting for the sink.
    package var seconds = 0.0

    /// A report of nothing yet.
    package init(dataset: String) { self.dataset = dataset }

    /// The sum over the tables of one of their numbers.
    package func total(_ number: KeyPath<TableReport, Int>) -> Int { tables.reduce(0) { $0 + $1[keyPath: number] } }
}
