import CascadeCore

/// How the files of one data set become users, items, impressions, events and relations; read from a YAML file.
///
/// The types of this folder are the schema of that file: each property is a key, and what is optional here may be left
/// out there. `Docs/import.md` explains every key.
package struct DatasetMapping: Codable, Sendable, Equatable {
    /// The data set's name; part of the identifiers that are made for rows without one.
    package var dataset: String
    /// A note for people.
    package var description: String?
    /// Cell texts that mean "missing" in every table; the empty cell always does.
    package var missing: [String]?
    /// The tables in the order in which they are read.
    package var tables: [TableMapping]
    /// Content vectors of items, read after the tables.
    package var vectors: [VectorMapping]?
}

/// The text encodings that are read.
package enum TextEncoding: String, Sendable, ChosenWord {
    case utf8
    /// ISO 8859-1, turned into UTF-8.
    case latin1
}

/// The forms of files that are read.
package enum TableFormat: String, Sendable, ChosenWord {
    /// Comma-separated, RFC 4180.
    case csv
    /// Tab-separated, without quotes unless `quote` names one.
    case tsv
    /// Any delimiter, of one or several bytes.
    case separated
    /// One JSON object a line.
    case ndjson
    /// One JSON object whose members are the rows: columns `key` and `value`.
    case jsonMap = "json_map"
    /// Lines of `user item item …`: one row an item, columns `user`, `item`, `index` and `remaining`.
    case sequences
}

/// One or several texts; in YAML a text or a list of texts.
package enum OneOrMany: Codable, Sendable, Equatable {
    case one(String)
    case many([String])

    /// The texts as a list.
    package var all: [String] {
        switch self {
        case .one(let text): [text]
        case .many(let texts): texts
        }
    }

    /// Reads a text or a list of texts.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .one(text)
        } else {
            self = .many(try container.decode([String].self))
        }
    }

    /// Writes what was read.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .one(let text): try container.encode(text)
        case .many(let texts): try container.encode(texts)
        }
    }
}

/// One table: its files, their form, and what each row makes.
package struct TableMapping: Codable, Sendable, Equatable {
    /// The table's name; part of the identifiers that are made for rows without one.
    package var name: String
    /// File names relative to the data set's folder; `*` and `?` match, `.gz` may be missing or extra.
    package var file: OneOrMany
    /// Whether it is fine when no such file exists.
    package var optional: Bool?
    /// The form of the files.
    package var format: TableFormat
    /// UTF-8 unless given.
    package var encoding: TextEncoding?
    /// What stands between cells, one or several bytes.
    package var delimiter: String?
    /// The quote around cells; an empty text turns quotes off.
    package var quote: String?
    /// False where the first line is data.
    package var header: Bool?
    /// The columns' names where there is no header.
    package var columns: [String]?
    /// How many lines to drop at the start.
    package var skipLines: Int?
    /// Whether spaces around cells are dropped.
    package var trim: Bool?
    /// Cell texts that mean "missing", besides those of the data set.
    package var missing: [String]?
    /// A condition; rows that do not meet it are passed over.
    package var filter: String?

    /// The user that a row describes.
    package var user: UserMapping?
    /// The item that a row describes.
    package var item: ItemMapping?
    /// The impression that a row describes.
    package var impression: ImpressionMapping?
    /// The events that a row describes.
    package var events: [EventMapping]?
    /// What the user of a row is related to.
    package var relations: [RelationMapping]?

    enum CodingKeys: String, CodingKey {
        case name, file, optional, format, encoding, delimiter, quote, header, columns, trim, missing
        case skipLines = "skip_lines"
        case filter = "where"
        case user, item, impression, events, relations
    }
}
