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
            CSVText.line([
                row.user, row.item, row.time.rfc3339, row.isImpression ? "1" : "0", row.given.joined(separator: "|"),
                row.recorded.joined(separator: "|"), row.position.map(String.init) ?? "", row.surface ?? "",
            ])
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
}
