import CascadeCore
import Testing

@testable import CascadeServing

@Suite struct CreatorListsTests {
    private func item(_ id: String, _ creator: String?, _ seconds: Int64?, hidden: Bool = false) -> Item {
        Item(
            id: ItemID(id), creatorID: creator, attributes: ["authors": .list(["x", "x", id]), "label": .text("l")],
            createdAt: seconds.map { Timestamp(microseconds: $0 * 1_000_000) }, hidden: hidden)
    }

    private var items: [Item] {
        [
            item("a", "x", 1), item("b", "x", nil), item("c", "y", 2), item("d", "x", 3), item("e", nil, 9),
            item("f", "x", 9, hidden: true), item("g", "x", 3),
        ]
    }

    private func rows(_ items: [Item], attribute: String = "", of creator: String) -> [Int32] {
        CreatorLists(items.enumerated().map { (Int32($0.offset), $0.element) }, attribute: attribute)
            .newest(by: creator).map(\.row)
    }

    @Test func listsAreNewestFirstWithoutHiddenItems() {
        #expect(rows(items, of: "x") == [3, 6, 0, 1])
        #expect(rows(items, of: "y") == [2])
        #expect(rows(items, of: "z").isEmpty)
        #expect(rows([], of: "x").isEmpty)
    }

    @Test func anAttributeCanNameThem() {
        #expect(rows(items, attribute: "authors", of: "x") == [4, 3, 6, 2, 0, 1])
        #expect(rows(items, attribute: "authors", of: "c") == [2])
        #expect(rows(items, attribute: "label", of: "l").count == 6)
        #expect(rows(items, attribute: "none", of: "x").isEmpty)
    }
}
