import CascadeTraining
import Testing

@Suite struct SpectralFactorizationTests {
    /// Two groups of users with items of their own, and items that nobody took.
    private static let past: [[Int32]] = (0..<60).map { (user: Int) -> [Int32] in
        let first: Int = user < 30 ? 0 : 12
        let own = (0..<12).filter { (place: Int) -> Bool in (place + user) % 4 != 0 }
        return own.map { Int32($0 + first) }
    }

    @Test func usersFindWhatTheirGroupTook() throws {
        var settings = SpectralFactorization.Settings()
        // With more columns it would tell what each user took, and nothing beyond.
        settings.rank = 2
        let model = try SpectralFactorization(itemsOfUsers: Self.past, items: 30, settings: settings)
        for (user, own) in Self.past.enumerated() {
            let scores = model.scores(own)
            #expect(scores.count == 30 && scores.allSatisfy { $0.isFinite })
            let group = user < 30 ? 0..<12 : 12..<24
            let unseen = group.filter { !own.contains(Int32($0)) }.map { scores[$0] }
            let others = (0..<30).filter { !group.contains($0) }.map { scores[$0] }
            #expect(try #require(unseen.min()) > (try #require(others.max())), "user \(user)")
        }
        #expect(model.scores([]).allSatisfy { $0 == 0 })
    }

    @Test func oneTasteAloneIsNoFault() throws {
        let same = [[Int32]](repeating: (0..<20).map { Int32($0) }, count: 100)
        let model = try SpectralFactorization(
            itemsOfUsers: same, items: 25, settings: .automatic(users: 100, items: 25))
        #expect(model.rank == 1)
        let scores = model.scores([3, 4])
        #expect(scores.allSatisfy { $0.isFinite } && scores[7] > scores[22])
    }

    /// Users who differ span all columns, so that nothing is lost: a user's scores are what the user took.
    @Test(arguments: [0, 0.3, 0.5, 1]) func ofFullRankItTellsWhatAUserTook(exponent: Double) throws {
        let past: [[Int32]] = [[0, 1, 2], [1, 2, 3, 4], [0, 4], [2, 5, 6], [1, 6]]
        let model = try SpectralFactorization(
            itemsOfUsers: past, items: 8, settings: .init(rank: 5, itemExponent: exponent))
        try #require(model.rank == 5)
        for own in past {
            for (item, score) in model.scores(own).enumerated() {
                #expect(abs(score - (own.contains(Int32(item)) ? 1 : 0)) < 1e-3, "item \(item) of \(own)")
            }
        }
    }

    /// Divided by less than the root of its users, a taste of many users comes before one of few.
    @Test func aSmallerExponentLeavesPopularItemsTheColumns() throws {
        let past = (0..<60).map { user in
            (0..<6).filter { (user + $0) % 3 != 0 }.map { Int32($0 + (user < 50 ? 0 : 6)) }
        }
        func heard(_ exponent: Double) throws -> [Bool] {
            let model = try SpectralFactorization(
                itemsOfUsers: past, items: 12, settings: .init(rank: 1, itemExponent: exponent))
            return [model.scores([0, 1])[3], model.scores([6, 7])[9]].map { $0 > 1e-3 }
        }
        #expect(try heard(0.2) == [true, false])
        #expect(try heard(1) == [false, true])
    }

    @Test func withoutInteractionsItSaysSo() {
        #expect { try SpectralFactorization(itemsOfUsers: [[], []], items: 4, settings: .init()) } throws: {
            "\($0)".contains("Leave it out")
        }
    }
}
