import CascadeCore
import CascadeIndex
import Testing

@testable import CascadeServing

@Suite struct CatalogColumnsTests {
    private let items = [
        Item(id: ItemID("a"), creatorID: "x", categories: ["k", "k", "l"]),
        Item(id: ItemID("b"), creatorID: nil, categories: [], hidden: true),
        Item(id: ItemID("c"), creatorID: "x", categories: ["l"], createdAt: Timestamp(microseconds: 7)),
    ]

    @Test func namesBecomeCodes() throws {
        let columns = CatalogColumns(items: items)
        #expect(columns.count == 3)
        #expect(columns.creator(0) == columns.creator(2))
        #expect(columns.creator(1) == -1)
        #expect(columns.categories(0).count == 2)
        #expect(columns.categories(1).isEmpty)
        #expect(Array(columns.categories(2)) == [try #require(columns.categoryCode("l"))])
        #expect(columns.categoryCode("m") == nil)
        #expect(columns.items == items)
    }

    @Test func codesGoOnFromThoseOfOthers() throws {
        let columns = CatalogColumns(items: items)
        var later = CatalogColumns(after: columns)
        #expect(later.count == 0)
        later.append([Item(id: ItemID("d"), creatorID: "y", categories: ["m", "l"])])
        later.append([Item(id: ItemID("e"), creatorID: "x", categories: ["m"])])
        #expect(later.creator(0) != columns.creator(0))
        #expect(later.creator(1) == columns.creator(0))
        let new = try #require(later.categoryCode("m"))
        #expect(![columns.categoryCode("k"), columns.categoryCode("l")].contains(new))
        #expect(later.categoryCode("l") == columns.categoryCode("l"))
        #expect(Array(later.categories(0)) == [new, try #require(columns.categoryCode("l"))])
        #expect(Array(later.categories(1)) == [new])
    }

    @Test func categoriesBecomeBitmaps() throws {
        let columns = CatalogColumns(items: items)
        let rows = CategoryRows(columns)
        let (k, l) = (try #require(columns.categoryCode("k")), try #require(columns.categoryCode("l")))
        for _ in 0..<2 {
            #expect(rows.union([k]).rows == [0])
            #expect(rows.union([l]).rows == [0, 2])
            #expect(rows.union([k, l]).rows == [0, 2])
            #expect(rows.union([]).isEmpty)
            #expect(rows.union([99]).isEmpty)
        }
    }
}
