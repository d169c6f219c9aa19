import CascadeFeatures
import Foundation

/// What is said of tokens that share rows.
enum CollisionText {
    /// A table with a line a feature.
    static func lines(of found: [TokenCollisions]) -> [String] {
        let names = max(7, found.map(\.feature.count).max() ?? 0)
        let encodings = TableEncoding.allCases.map(\.rawValue.count).max() ?? 0
        func line(_ name: String, _ encoding: String, _ numbers: [String]) -> String {
            name.padding(toLength: names, withPad: " ", startingAt: 0) + "  "
                + encoding.padding(toLength: encodings, withPad: " ", startingAt: 0)
                + numbers.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
        }
        return [line("feature", "encoding", ["tokens", "rows", "same rows", "a row", "a foreign"])]
            + found.map { entry in
                line(
                    entry.feature, entry.encoding.rawValue,
                    ["\(entry.tokens)", "\(entry.rows)"]
                        + [entry.same, entry.overlapping, entry.foreign].map { Terminal.number($0) })
            }
    }

    /// The same as a JSON array.
    static func json(_ found: [TokenCollisions]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(found), as: UTF8.self)
    }
}
