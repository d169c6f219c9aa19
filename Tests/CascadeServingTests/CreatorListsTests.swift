import CascadeCore
import CascadeServing
import Testing

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

    @Test func listsAreNewestFirstWithoutHiddenItems() {
        let lists = CreatorLists(items)
        #expect(Array(lists.newest(by: "x")) == [3, 6, 0, 1])
        #expect(Array(lists.newest(by: "y")) == [2])
        #expect(lists.newest(by: "z").isEmpty)
        #expect(CreatorLists([]).newest(by: "x").isEmpty)
    }

    @Test func anAttributeCanNameThem() {
        let lists = CreatorLists(items, attribute: "authors")
        #expect(Array(lists.newest(by: "x")) == [4, 3, 6, 2, 0, 1])
        #expect(Array(lists.newest(by: "c")) == [2])
        #expect(CreatorLists(items, attribute: "label").newest(by: "l").count == 6)
        #expect(CreatorLists(items, attribute: "none").newest(by: "x").isEmpty)
    }
}
