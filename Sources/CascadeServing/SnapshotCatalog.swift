package import CascadeCore
import CascadePipeline

/// The catalog of a release by row, with creators and categories as codes.
package struct SnapshotCatalog: CatalogView {
    private let items: [Item]
    private let rows: [ItemID: Int32]
    private let creators: [Int32]
    private let categoryCodes: [String: Int32]
    private let categoryStarts: [Int]
    private let categoryLists: [Int32]

    /// - Parameter rows: the row of each of `items`.
    package init(items: [Item], rows: [ItemID: Int32]) {
        self.items = items
        self.rows = rows
        var creatorCodes: [String: Int32] = [:]
        var codes: [String: Int32] = [:]
        var starts = [0]
        var lists: [Int32] = []
        creators = items.map { item in
            guard let creator = item.creatorID else { return -1 }
            return Self.code(creator, in: &creatorCodes)
        }
        for item in items {
            var own: [Int32] = []
            for category in item.categories {
                let code = Self.code(category, in: &codes)
                if !own.contains(code) { own.append(code) }
            }
            lists += own
            starts.append(lists.count)
        }
        categoryCodes = codes
        categoryStarts = starts
        categoryLists = lists
    }

    private static func code(_ name: String, in codes: inout [String: Int32]) -> Int32 {
        if let known = codes[name] { return known }
        let code = Int32(codes.count)
        codes[name] = code
        return code
    }

    package var count: Int { items.count }
    package func itemID(_ row: Int32) -> ItemID { items[Int(row)].id }
    package func row(of id: ItemID) -> Int32? { rows[id] }
    package func creator(_ row: Int32) -> Int32 { creators[Int(row)] }
    package func categories(_ row: Int32) -> ArraySlice<Int32> {
        categoryLists[categoryStarts[Int(row)]..<categoryStarts[Int(row) + 1]]
    }
    package func categoryCode(_ name: String) -> Int32? { categoryCodes[name] }
    package func createdAt(_ row: Int32) -> Timestamp? { items[Int(row)].createdAt }
    package func isHidden(_ row: Int32) -> Bool { items[Int(row)].hidden }
    /// Always false: a release holds what was in the catalog when it was made; live state tells the rest.
    package func isDeleted(_ row: Int32) -> Bool { false }
}
