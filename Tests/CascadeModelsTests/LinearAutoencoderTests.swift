import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeTestSupport
import Foundation
import Testing

/// The linear autoencoder's columns behind the vectors of the towers.
@Suite struct LinearAutoencoderTests {
    private static let rank = 3

    private func autoencoder(items: Int) throws -> LinearAutoencoder {
        var random = SeededRandom(seed: 8)
        func rows() -> [Float] { (0..<(items * Self.rank)).map { _ in Float(random.uniform() * 2 - 1) } }
        return try LinearAutoencoder(inputs: rows(), outputs: rows(), rank: Self.rank)
    }

    private func bundle(_ fixture: ModelFixture, _ linear: LinearAutoencoder, items: Int = 30) throws -> ModelBundle {
        try ModelBundle(
            map: fixture.map, settings: fixture.settings,
            rows: EntityRows(users: [], items: Array(fixture.rows.items.prefix(items))), counters: fixture.counterSet,
            retrieval: try fixture.retrieval(), rankers: [], linear: linear)
    }

    private func fixture() throws -> ModelFixture {
        try ModelFixture(retrieval: {
            $0.linearRank = Self.rank
            $0.linearWeight = 0.25
        })
    }

    @Test func columnsStandBehindThoseOfTheTowers() throws {
        let fixture = try fixture()
        let linear = try autoencoder(items: 30)
        let (with, without) = (try bundle(fixture, linear), try fixture.bundle())
        #expect(with.retrieval.dimension == 19)
        let (items, towers) = (
            try with.retrieval.itemVectors(rows: 0..<30), try without.retrieval.itemVectors(rows: 0..<30)
        )
        for row in 0..<30 {
            #expect(items[(row * 19)..<(row * 19 + 16)] == towers[(row * 16)..<((row + 1) * 16)])
        }
        for user in 0..<20 {
            let users = with.retrievalUsers.encode([fixture.rows.users[user]])
            try fixture.withHistory(of: user) { history in
                let vector = try with.retrieval.userVector(users: users, row: 0, history: history)
                #expect(
                    try vector.prefix(16).elementsEqual(
                        without.retrieval.userVector(users: users, row: 0, history: history)))
                #expect(try with.retrieval.userVectors(users: users, row: 0, history: history) == vector)
                let length = vector.suffix(3).reduce(0) { $0 + $1 * $1 }.squareRoot()
                let isGiven = (0..<history.count).contains { history.codes[$0] & history.feedbackBits != 0 }
                #expect(isGiven ? abs(length - 0.25) < 1e-5 : length == 0, "user \(user)")
            }
        }
    }

    /// A ranker that is told of the towers hears nothing of the columns behind them.
    @Test func theRankerIsToldOfTheTowersAlone() throws {
        let fixture = try ModelFixture(
            retrieval: {
                $0.linearRank = Self.rank
                $0.linearWeight = 0.25
            }, ranker: { $0.towers = .vectors })
        let bundle = try ModelBundle(
            map: fixture.map, settings: fixture.settings, rows: fixture.rows, counters: fixture.counterSet,
            retrieval: try fixture.retrieval(), rankers: [try fixture.ranker()], linear: try autoencoder(items: 30))
        let user = fixture.rows.users[0]
        let told = try fixture.withHistory(of: 0) { history in
            let vector = try bundle.retrieval.userVector(
                users: bundle.retrievalUsers.encode([user]), row: 0, history: history)
            #expect(vector.count == 19)
            #expect(bundle.retrieval.towerPart(of: vector) == (try bundle.tower(of: user, history: history)))
            return bundle.retrieval.towerPart(of: vector)
        }
        #expect(told.count == 16)
    }

    /// The order of a past and items met twice say nothing; what was only shown neither.
    @Test func aPastIsTheSetOfItsItems() throws {
        let fixture = try fixture()
        let bundle = try bundle(fixture, try autoencoder(items: 30))
        let users = bundle.retrievalUsers.encode([fixture.rows.users[0]])
        func columns(_ items: [Int32], _ codes: [UInt8]) throws -> [Float] {
            try HistorySlice.lend(items: items, codes: codes) {
                Array(try bundle.retrieval.userVector(users: users, row: 0, history: $0).suffix(3))
            }
        }
        let one = try columns([4, 9, 2], [1, 1, 1])
        #expect(try columns([2, 9, 4, 9, 7], [1, 1, 1, 1, 0]) == one)
        #expect(try columns([4, 9, 3], [1, 1, 1]) != one)
        #expect(try columns([], []) == [0, 0, 0])
    }

    @Test func anItemThatCameLaterHasWhatTheReleaseKnowsOfIt() throws {
        let fixture = try fixture()
        let bundle = try bundle(fixture, try autoencoder(items: 27), items: 27)
        var later = LaterItems(bundle: bundle)
        later.append([fixture.rows.items[28], fixture.rows.items[5]])
        let vectors = try bundle.retrieval.itemVectors(rows: 27..<29, later: later)
        #expect(vectors[16..<19].allSatisfy { $0 == 0 })
        let known = try bundle.retrieval.itemVectors(rows: 5..<6)
        #expect(Array(vectors[35..<38]) == Array(known.suffix(3)))
        // In a past it tells the towers something and the autoencoder nothing.
        let users = bundle.retrievalUsers.encode([fixture.rows.users[0]])
        let user = try HistorySlice.lend(items: [27], codes: [1]) {
            try bundle.retrieval.userVector(users: users, row: 0, history: $0, later: later)
        }
        #expect(user.suffix(3).allSatisfy { $0 == 0 })
    }

    @Test func theFileHoldsItAndMovesWithTheCatalog() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("linear-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent(LinearAutoencoder.fileName).path
        let fixture = try fixture()
        let made = try autoencoder(items: 30)
        try made.save(to: path)
        let read = try LinearAutoencoder(path: path, items: 30)
        let before = try bundle(fixture, made).retrieval.itemVectors(rows: 0..<30)
        #expect(try bundle(fixture, read).retrieval.itemVectors(rows: 0..<30) == before)
        // Old row 29 becomes row 0, row 0 goes, the rest stays.
        let moved = try read.renumbered(count: 30) { $0 == 29 ? 0 : $0 == 0 ? nil : $0 }
        let after = try bundle(fixture, moved).retrieval.itemVectors(rows: 0..<30)
        #expect(Array(after[16..<19]) == Array(before[(29 * 19 + 16)..<(30 * 19)]))
        #expect(Array(after[35..<38]) == Array(before[35..<38]))
        #expect(after.suffix(3).allSatisfy { $0 == 0 })
        #expect { try LinearAutoencoder(path: path, items: 29) } throws: {
            "\($0)".contains(path) && "\($0)".contains("29")
        }
        #expect { try LinearAutoencoder(path: path + "x", items: 30) } throws: { "\($0)".contains(path) }
    }
}
