import CascadeCore
import CascadePipeline
import CascadeServing
import Foundation
import Testing

@Suite struct SnapshotCatalogTests {
    private let items = [
        Item(id: ItemID("a"), creatorID: "x", categories: ["k", "k", "l"]),
        Item(id: ItemID("b"), creatorID: nil, categories: [], hidden: true),
        Item(id: ItemID("c"), creatorID: "x", categories: ["l"], createdAt: Timestamp(microseconds: 7)),
    ]

    @Test func namesBecomeCodes() throws {
        let catalog = SnapshotCatalog(items: items, rows: [ItemID("a"): 0, ItemID("b"): 1, ItemID("c"): 2])
        #expect(catalog.count == 3)
        #expect(catalog.creator(0) == catalog.creator(2))
        #expect(catalog.creator(1) == -1)
        #expect(catalog.categories(0).count == 2)
        #expect(catalog.categories(1).isEmpty)
        #expect(Array(catalog.categories(2)) == [try #require(catalog.categoryCode("l"))])
        #expect(catalog.categoryCode("m") == nil)
        #expect(catalog.isHidden(1))
        #expect(catalog.row(of: ItemID("c")) == 2)
        #expect(catalog.row(of: ItemID("d")) == nil)
        #expect(catalog.createdAt(2) == Timestamp(microseconds: 7))
    }
}
