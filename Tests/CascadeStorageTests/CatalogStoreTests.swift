import CascadeCore
import CascadeStorage
import Testing

@Suite struct CatalogStoreTests {
    private let full = Item(
        id: ItemID("i1"), title: "A \"title\", with\ttabs", creatorID: "c/1", categories: ["news", "a,b", "", "{x}"],
        attributes: ["price": .number(9.5), "kind": .text("x"), "tags": .list(["p", "q"]), "adult": .flag(false)],
        createdAt: at(0.000001), hidden: true)

    @Test func anItemComesBackAsItWasPut() async throws {
        try await withStorage { storage async throws in
            #expect(try await storage.catalog.put(full))
            #expect(try await storage.catalog.item(full.id) == full)
            let bare = Item(id: ItemID("i2"))
            #expect(try await storage.catalog.put(bare))
            #expect(try await storage.catalog.item(bare.id) == bare)
            #expect(try await storage.catalog.items() == [full, bare])
            #expect(try await storage.catalog.item(ItemID("i3")) == nil)
        }
    }

    @Test func puttingAgainReplacesTheWhole() async throws {
        try await withStorage { storage async throws in
            #expect(try await storage.catalog.put(full))
            let bare = Item(id: full.id, attributes: ["other": .number(1)])
            #expect(try await storage.catalog.put(bare) == false)
            #expect(try await storage.catalog.item(full.id) == bare)
            let user = User(id: UserID("u"), attributes: ["age": .number(3)], createdAt: at(5))
            #expect(try await storage.catalog.put(user))
            #expect(try await storage.catalog.put(User(id: user.id)) == false)
            #expect(try await storage.catalog.user(user.id) == User(id: user.id))
        }
    }

    @Test func awkwardIdentifiersSurviveAndSortByTheirBytes() async throws {
        try await withStorage { storage async throws in
            for identifier in awkwardIdentifiers {
                #expect(try await storage.catalog.put(Item(id: ItemID(identifier), title: identifier)))
                #expect(
                    try await storage.catalog.put(User(id: UserID(identifier), attributes: ["x": .text(identifier)])))
            }
            for identifier in awkwardIdentifiers {
                let item = try await storage.catalog.item(ItemID(identifier))
                #expect(item.map { Array($0.id.rawValue.utf8) } == Array(identifier.utf8))
                #expect(try await storage.catalog.user(UserID(identifier))?.attributes == ["x": .text(identifier)])
            }
            let sorted = awkwardIdentifiers.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(try await storage.catalog.items().map { Array($0.id.rawValue.utf8) } == sorted)
            #expect(try await storage.catalog.users().map { Array($0.id.rawValue.utf8) } == sorted)
        }
    }

    @Test(arguments: ["", String(repeating: "x", count: 257), String(repeating: "é", count: 129), "a\u{0}b"])
    func identifiersBeyondTheRulesAreRefused(_ identifier: String) async throws {
        try await withStorage { storage async throws in
            let error = await storageError { _ = try await storage.catalog.put(Item(id: ItemID(identifier))) }
            guard case .refusedValue = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(error?.isUnavailable == false)
        }
    }

    @Test func newAttributesAreDeclaredByTheirType() async throws {
        try await withStorage { storage async throws in
            try await storage.importSink.declare(
                attributes: [AttributeDefinition(entity: .item, name: "kind", kind: .text)], signals: [])
            _ = try await storage.catalog.put(full)
            _ = try await storage.catalog.put(User(id: UserID("u"), attributes: ["kind": .flag(true)]))
            // A later value of another type changes nothing.
            _ = try await storage.catalog.put(Item(id: ItemID("i2"), attributes: ["price": .text("cheap")]))
            #expect(
                try await storage.catalog.attributeDefinitions() == [
                    AttributeDefinition(entity: .user, name: "kind", kind: .categorical),
                    AttributeDefinition(entity: .item, name: "adult", kind: .categorical),
                    AttributeDefinition(entity: .item, name: "kind", kind: .text),
                    AttributeDefinition(entity: .item, name: "price", kind: .numeric),
                    AttributeDefinition(entity: .item, name: "tags", kind: .multi),
                ])
        }
    }

    @Test func declaringAgainChangesTheKind() async throws {
        try await withStorage { storage async throws in
            _ = try await storage.catalog.put(Item(id: ItemID("i"), attributes: ["tag": .text("x")]))
            let definition = AttributeDefinition(entity: .item, name: "tag", kind: .multi)
            try await storage.importSink.declare(attributes: [definition], signals: ["click"])
            #expect(try await storage.catalog.attributeDefinitions() == [definition])
            #expect(try await storage.signals.names() == ["click"])
        }
    }

    @Test func manyPutsAtOnceOfNewAttributesAllArrive() async throws {
        try await withStorage { storage async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let names = (0..<5).map { "a\((number + $0) % 11)" }
                        let attributes = Dictionary(uniqueKeysWithValues: names.map { ($0, AttributeValue.number(1)) })
                        _ = try await storage.catalog.put(Item(id: ItemID("i\(number % 4)"), attributes: attributes))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await storage.catalog.items().count == 4)
            #expect(try await storage.catalog.attributeDefinitions().count == 11)
        }
    }
}
