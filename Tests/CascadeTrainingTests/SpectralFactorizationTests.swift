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

    @Test func withoutInteractionsItSaysSo() {
        #expect { try SpectralFactorization(itemsOfUsers: [[], []], items: 4, settings: .init()) } throws: {
            "\($0)".contains("Leave it out")
        }
    }
}
