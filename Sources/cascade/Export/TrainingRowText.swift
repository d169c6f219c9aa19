import CascadeCore
import CascadeStorage
import Foundation

/// How rows of a training run are written.
enum TrainingRowText: String, CaseIterable {
    case csv, ndjson

    static let header = "user_id,item_id,time,impression,given,recorded,position,surface\n"

    /// One line with its end. In CSV the kinds of feedback have `|` between them.
    func line(_ row: TrainingRow) throws -> String {
        switch self {
        case .csv:
            [
                Self.quoted(row.user), Self.quoted(row.item), row.time.rfc3339, row.isImpression ? "1" : "0",
                Self.quoted(row.given.joined(separator: "|")), Self.quoted(row.recorded.joined(separator: "|")),
                row.position.map(String.init) ?? "", Self.quoted(row.surface ?? ""),
            ].joined(separator: ",") + "\n"
        case .ndjson:
            String(decoding: try Self.encoder().encode(Line(row)), as: UTF8.self) + "\n"
        }
    }

    private struct Line: Encodable {
        var userID: String
        var itemID: String
        var time: String
        var impression: Bool
        var given: [String]
        var recorded: [String]
        var position: Int?
        var surface: String?

        enum CodingKeys: String, CodingKey {
            case userID = "user_id"
            case itemID = "item_id"
            case time, impression, given, recorded, position, surface
        }

        init(_ row: TrainingRow) {
            (userID, itemID, time, impression) = (row.user, row.item, row.time.rfc3339, row.isImpression)
            (given, recorded, position, surface) = (row.given, row.recorded, row.position, row.surface)
        }
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// By RFC 4180; spaces at the ends are kept by quotes too.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte > 32 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: ",")
        }
        if isPlain { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
