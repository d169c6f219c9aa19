import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Testing

@Suite struct RetrievalTests {
    @Test func vectorsHaveLengthOne() throws {
        let fixture = try ModelFixture()
        let bundle = try fixture.bundle()
        let vectors = try bundle.retrieval.itemVectors(rows: 0..<30)
        #expect(vectors.count == 30 * 16)
        for item in 0..<30 {
            let length = vectors[(item * 16)..<((item + 1) * 16)].reduce(0) { $0 + $1 * $1 }
            #expect(abs(length - 1) < 1e-4)
        }
        let user = try fixture.withHistory(of: 2) {
            try bundle.retrieval.userVector(
                users: bundle.retrievalUsers.encode([fixture.rows.users[2]]), row: 0, history: $0)
        }
        #expect(abs(user.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
    }

    @Test func itemVectorsKeepTheirLengthWhereTheyAreNotNormalized() throws {
        let bundle = try ModelFixture(retrieval: {
            $0.itemLength = .free
            $0.itemLayers = 1
        }).bundle()
        let vectors = try bundle.retrieval.itemVectors(rows: 0..<30)
        let norms = try bundle.retrieval.itemNorms(rows: 0..<30)
        for item in 0..<30 {
            let length = vectors[(item * 16)..<((item + 1) * 16)].reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(length - norms[item]) < 1e-5)
        }
        #expect(norms.contains { abs($0 - 1) > 1e-3 })
    }

    @Test func aBiasStandsBesideADirectionOfLengthOne() throws {
        let vectors = try ModelFixture(retrieval: { $0.itemLength = .bias }).bundle().retrieval.itemVectors(
            rows: 0..<30)
        for item in 0..<30 {
            let direction = vectors[(item * 16)..<(item * 16 + 15)].reduce(0) { $0 + $1 * $1 }
            #expect(abs(direction - 1) < 1e-4)
        }
        #expect((0..<30).contains { abs(vectors[$0 * 16 + 15]) > 1e-3 })
    }

    @Test func residualBlocksChangeTheVectorsOfItems() throws {
        let plain = try ModelFixture().bundle().retrieval.itemVectors(rows: 0..<30)
        let deep = try ModelFixture(retrieval: { $0.itemLayers = 2 }).bundle().retrieval.itemVectors(rows: 0..<30)
        #expect(zip(plain, deep).contains { abs($0 - $1) > 1e-3 })
    }

    @Test func anItemsVectorDoesNotDependOnItsNeighbours() throws {
        let fixture = try ModelFixture()
        let bundle = try fixture.bundle()
        let all = try bundle.retrieval.itemVectors(rows: 0..<30)
        let some = try bundle.retrieval.itemVectors(rows: 11..<13)
        for (left, right) in zip(all[(11 * 16)..<(13 * 16)], some) { #expect(abs(left - right) < 1e-6) }
    }

    @Test func theOrderOfThePastDoesNotMatterItsItemsDo() throws {
        let fixture = try ModelFixture()
        let bundle = try fixture.bundle()
        let users = bundle.retrievalUsers.encode([fixture.rows.users[0]])
        func vector(_ items: [Int32], _ codes: [UInt8]) throws -> [Float] {
            try HistorySlice.lend(items: items, codes: codes) {
                try bundle.retrieval.userVector(users: users, row: 0, history: $0)
            }
        }
        let one = try vector([1, 2, 3], [1, 0, 1])
        let turned = try vector([3, 1, 2], [1, 1, 0])
        let other = try vector([4, 5, 6], [1, 0, 1])
        for (left, right) in zip(one, turned) { #expect(abs(left - right) < 1e-5) }
        #expect(zip(one, other).contains { abs($0 - $1) > 1e-3 })
    }

    @Test func settingsAreChecked() {
        var settings = RetrievalSettings()
        settings.temperature = 0
        settings.batchSize = 1
        settings.loss = "hinge"
        settings.itemLayers = -1
        settings.headTemperature = 0
        settings.linearItemExponent = 1.5
        let problems = settings.problems()
        #expect(problems.count == 6 && problems.contains("retrieval.linear_item_exponent must be 0 to 1"))
        #expect(settings.problems().contains { $0.contains("retrieval.loss") && $0.contains("gbce") })
        #expect(RetrievalSettings().problems().isEmpty)
    }
}
