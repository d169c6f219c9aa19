import CascadeCore

/// Which page of a list its caller asked for, by the parameters `limit` and `cursor`.
struct PageRequest {
    static let defaultLimit = 50
    static let maximumLimit = 500

    /// Rows of the page.
    let limit: Int
    /// The place of the last row of the page before; nil for the first page.
    let place: [String]?
    private let list: [String]

    /// Reads the parameters; a cursor of another list, or of the same with other filters, is a problem.
    ///
    /// - Parameters:
    ///   - list: the list's name and what it is filtered by.
    ///   - parts: texts that a place in it consists of.
    init(
        _ query: QueryReader, of list: [String], parts: Int = 1, default usual: Int = Self.defaultLimit,
        maximum: Int = Self.maximumLimit
    ) {
        self.list = list
        limit = query.integer("limit", in: 1...maximum) ?? usual
        let cursor = query.text("cursor")
        let found = cursor.flatMap { ListCursor.place($0, in: list) }
        place = found?.count == parts ? found : nil
        if cursor != nil, place == nil { refuseCursor(query) }
    }

    /// One row more than is shown tells whether there is a next page.
    var readLimit: Int { limit + 1 }

    /// Adds the problem that the cursor is none of this list.
    func refuseCursor(_ query: QueryReader) {
        query.problems.add(
            query.place("cursor"), "invalid",
            "is no cursor of this list with these filters; take the next_cursor of the page before, or leave it out")
    }

    /// The answer with the first `limit` of `found`, which holds up to `readLimit` rows.
    func json<Row>(_ found: [Row], place: (Row) -> [String], _ document: (Row) -> JSONValue) -> JSONValue {
        let page = found.prefix(limit)
        let next = found.count > limit ? page.last.map { ListCursor.text(place($0), in: list) } : nil
        return ["data": .array(page.map(document)), "next_cursor": .text(next)]
    }
}
