import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Testing

/// Items behind the catalog count as if they had been in it when the release was built.
@Suite struct LaterItemsTests {
    /// The same models over the first 27 of the fixture's 30 items, and the rest as items that came later.
    private func split(_ fixture: ModelFixture, itemBytes: Int = 0) throws -> (bundle: ModelBundle, later: LaterItems) {
        let bundle = try ModelBundle(
            map: fixture.map, settings: fixture.settings,
            rows: EntityRows(users: fixture.rows.users, items: Array(fixture.rows.items.prefix(27))),
            counters: fixture.counterSet, retrieval: try fixture.retrieval(), rankers: [try fixture.ranker()],
            vectors: fixture.vectors.renumbered(count: 27) { $0 < 27 ? Int32($0) : nil },
            options: InferenceOptions(itemBytes: itemBytes))
        func content(_ rows: Range<Int>) -> [ItemVector] {
            rows.reversed().flatMap { fixture.vectors.vectors(ofRow: $0, id: fixture.rows.items[$0].id) }
        }
        var later = LaterItems(bundle: bundle)
        later.append([fixture.rows.items[27]], content: content(27..<28))
        later.append(Array(fixture.rows.items.suffix(2)), content: content(28..<30))
        return (bundle, later)
    }

    /// Equal but for the order of sums, which goes by the size of a batch.
    private func isSame(_ left: [Float], _ right: some Collection<Float>) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-5 }
    }

    @Test(arguments: ["pooled", "gated"], [false, true])
    func vectorsAreThoseOfTheWholeCatalog(tower: String, hasVectors: Bool) throws {
        let fixture = try ModelFixture(hasVectors: hasVectors, retrieval: { $0.userTower = tower })
        let whole = try fixture.bundle()
        let (bundle, later) = try split(fixture)
        #expect(later.firstRow == 27)
        #expect(later.endRow == 30)
        let expected = try whole.retrieval.itemVectors(rows: 0..<30)
        #expect(isSame(try bundle.retrieval.itemVectors(rows: 0..<30, later: later), expected))
        #expect(isSame(try bundle.retrieval.itemVectors(rows: 27..<30, later: later), expected.suffix(3 * 16)))
        for user in 0..<20 {
            let users = bundle.retrievalUsers.encode([fixture.rows.users[user]])
            try fixture.withHistory(of: user) { history in
                let split = try bundle.retrieval.userVector(users: users, row: 0, history: history, later: later)
                let expected = try whole.retrieval.userVector(users: users, row: 0, history: history)
                #expect(split == expected, "user \(user)")
            }
        }
        // A workspace that was extended serves the plain catalog as before.
        #expect(isSame(try bundle.retrieval.itemVectors(rows: 0..<27), expected.prefix(27 * 16)))
    }

    @Test(arguments: [false, true], [false, true])
    func scoresAreThoseOfTheWholeCatalog(hasVectors: Bool, times: Bool) throws {
        let fixture = try ModelFixture(hasVectors: hasVectors, times: times)
        let whole = try fixture.bundle()
        let (bundle, later) = try split(fixture)
        let (kept, keptLater) = try split(fixture, itemBytes: 1 << 20)
        let items = (0..<30).map { Int32(($0 * 11) % 30) }
        for user in 0..<20 {
            try fixture.withHistory(of: user) { history in
                func score(_ bundle: ModelBundle, _ later: LaterItems?) throws -> [Float] {
                    let ranker = try #require(bundle.ranker)
                    let users = bundle.rankerUsers.encode([fixture.rows.users[user]])
                    let counters = later?.counters ?? bundle.counters
                    return try ranker.probabilities(
                        context: try ranker.context(
                            users: users, row: 0, history: history, at: ModelFixture.moment, later: later),
                        items: items, later: later, columns: fixture.map.counterLayout.columns,
                        counters: {
                            counters.write(
                                history: history, item: $0, fold: nil, at: ModelFixture.moment, into: $1)
                        }, check: {})
                }
                let (split, expected) = (try score(bundle, later), try score(whole, nil))
                #expect(split == expected, "user \(user)")
                #expect(isSame(try score(kept, keptLater), expected), "user \(user), item parts kept")
            }
        }
        #expect(try #require(kept.ranker).itemBytes > 0)
    }

    /// What the ranker is told of the retrieval model is of items that came later too.
    @Test(arguments: [TowerInputs.product, .vectors]) func towersTellOfLaterItems(towers: TowerInputs) throws {
        let fixture = try ModelFixture(hasVectors: true, ranker: { $0.towers = towers })
        let whole = try fixture.bundle()
        let (bundle, later) = try split(fixture)
        let items = (0..<30).map { Int32(($0 * 11) % 30) }
        for user in 0..<20 {
            try fixture.withHistory(of: user) { history in
                func score(_ bundle: ModelBundle, _ later: LaterItems?, tower: [Float]) throws -> [Float] {
                    let ranker = try #require(bundle.ranker)
                    return try ranker.probabilities(
                        context: try ranker.context(
                            users: bundle.rankerUsers.encode([fixture.rows.users[user]]), row: 0, history: history,
                            at: ModelFixture.moment, later: later, tower: tower),
                        items: items, later: later, columns: fixture.map.counterLayout.columns,
                        counters: { _, output in
                            for column in 0..<fixture.map.counterLayout.columns { output[column] = 0 }
                        }, check: {})
                }
                let tower = try whole.tower(of: fixture.rows.users[user], history: history)
                let own = try bundle.tower(of: fixture.rows.users[user], history: history, later: later)
                #expect(tower.count == 16 && isSame(own, tower))
                let expected = try score(whole, nil, tower: tower)
                #expect(isSame(try score(bundle, later, tower: own), expected), "user \(user)")
                #expect(!isSame(try score(bundle, later, tower: []), expected), "the user's vector is read")
            }
        }
    }

    /// An item that the retrieval model knows nothing of has a vector of zeros.
    @Test func itemsWithoutAVectorAreZeros() throws {
        let fixture = try ModelFixture()
        let (bundle, later) = try split(fixture)
        let vectors = try bundle.retrieval.towers.itemVectors(of: [28, 99, 3, 28], later: later)
        let all = try bundle.retrieval.itemVectors(rows: 0..<30, later: later)
        func vector(_ row: Int) -> ArraySlice<Float> { all[(row * 16)..<(row * 16 + 16)] }
        #expect(isSame(vectors, vector(28) + [Float](repeating: 0, count: 16) + vector(3) + vector(28)))
        #expect(try bundle.retrieval.towers.itemVectors(of: [28]).allSatisfy { $0 == 0 }, "without the later ones")
    }

    @Test func appendingLeavesTheFormerValueAlone() throws {
        let fixture = try ModelFixture()
        let (bundle, later) = try split(fixture)
        var more = later
        more.append([Item(id: ItemID("new"))])
        #expect(later.items.count == 3)
        #expect(more.endRow == 31)
        #expect(
            try bundle.retrieval.itemVectors(rows: 27..<30, later: later)
                == bundle.retrieval.itemVectors(rows: 27..<30, later: more))
    }
}
