/// How far an import is.
package struct ImportProgress: Sendable, Equatable {
    /// The table that is being read.
    package var table: String
    /// Rows read so far, of all tables.
    package var rows: Int
    /// Users, items, impressions, events and relations so far that are new.
    package var inserted: Int
    /// Users, items, impressions, events and relations so far that were there already.
    package var duplicates: Int
    /// Bad rows so far, of all tables.
    package var rejected: Int
    /// Stored bytes read so far, of all files.
    package var bytesRead: Int
    /// Stored bytes of all files.
    package var bytesTotal: Int
    /// Seconds since the import began.
    package var seconds: Double

    /// Numbers as they are given; those left out are 0.
    package init(
        table: String, rows: Int = 0, inserted: Int = 0, duplicates: Int = 0, rejected: Int = 0, bytesRead: Int = 0,
        bytesTotal: Int = 0, seconds: Double = 0
    ) {
        self.table = table
        self.rows = rows
        self.inserted = inserted
        self.duplicates = duplicates
        self.rejected = rejected
        self.bytesRead = bytesRead
        self.bytesTotal = bytesTotal
        self.seconds = seconds
    }

    /// The share of the bytes that is read, from 0 to 1.
    package var fraction: Double {
        bytesTotal > 0 ? min(1, Double(bytesRead) / Double(bytesTotal)) : 0
    }

    /// Rows a second so far.
    package var rate: Double { seconds > 0 ? Double(rows) / seconds : 0 }

    /// Seconds that the rest takes at the pace so far; nil before anything is known.
    package var secondsLeft: Double? {
        fraction > 0 && seconds > 0 ? seconds * (1 - fraction) / fraction : nil
    }
}
