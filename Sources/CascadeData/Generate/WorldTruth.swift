package import CascadeCore
package import Foundation

/// What `truth.ndjson` tells of a generated world: to whom and what its planted interests belong. It is in no table that is
/// imported, so that nothing can be trained on it; an evaluation may be held against it.
package struct WorldTruth: Sendable, Equatable {
    /// The name of the file beside those of the world.
    package static let fileName = "truth.ndjson"

    /// The interests of each user.
    package let users: [UserID: Set<Int>]
    /// The interest of each item.
    package let items: [ItemID: Int]

    private struct Line: Decodable {
        struct Interest: Decodable {
            let interest: Int
        }

        var user: String?
        var interests: [Interest]?
        var item: String?
        var interest: Int?
    }

    /// Reads a file that `cascade generate` wrote. Takes seconds for large worlds, so not for the cooperative pool.
    package init(contentsOf url: URL) throws(DataError) {
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw .unreadable(file: url.path, reason: error.localizedDescription)
        }
        var users: [UserID: Set<Int>] = [:]
        var items: [ItemID: Int] = [:]
        let decoder = JSONDecoder()
        for (number, text) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            let line = try? decoder.decode(Line.self, from: text)
            if let user = line?.user, let interests = line?.interests {
                users[UserID(user)] = Set(interests.map(\.interest))
            } else if let item = line?.item, let interest = line?.interest {
                items[ItemID(item)] = interest
            } else {
                throw .brokenFile(
                    file: url.path, line: number + 1, reason: "neither a user with interests nor an item with one")
            }
        }
        guard !users.isEmpty, !items.isEmpty else { throw .emptyFile(file: url.path) }
        self.users = users
        self.items = items
    }
}
