import CascadeCore
import Foundation
import Testing

@testable import CascadeFeatures

/// What every way from tokens to rows keeps, and what each of them says.
@Suite struct TableEncodingTests {
    private static let hashes = 3

    private func feature(_ encoding: TableEncoding, lookups: Int = 2, source: FeatureSource = .id) -> CategoricalFeature
    {
        CategoricalFeature(
            entity: .item, source: source, lookups: lookups, encoding: encoding,
            hashes: encoding == .multiHashSum ? Self.hashes : nil)
    }

    private func hash(_ number: Int) -> UInt64 { UnifiedTable.hash("t\(number)") }

    /// A table of a thousand rows behind seven others, with the first 300 tokens as its vocabulary.
    private func table(_ encoding: TableEncoding, hasVocabulary: Bool, lookups: Int = 2) -> FeatureTable {
        let isKept = hasVocabulary || encoding == .collisionless
        return FeatureTable(
            encoding: encoding, first: 7, rows: encoding == .collisionless ? 302 * lookups : 1000,
            vocabulary: isKept ? TokenVocabulary((0..<300).map(hash)) : nil)
    }

    private func rows(_ lookup: TokenLookup, _ hash: UInt64?) -> [Int32] {
        var rows: [Int32] = []
        lookup.append(hash, to: &rows)
        return rows
    }

    @Test(arguments: TableEncoding.allCases, [false, true])
    func aTokenHasItsRows(encoding: TableEncoding, hasVocabulary: Bool) {
        for lookups in [1, 2, 3] {
            let feature = feature(encoding, lookups: lookups)
            let table = table(encoding, hasVocabulary: hasVocabulary, lookups: lookups)
            let (lookup, again) = (TokenLookup(feature, table), TokenLookup(feature, table))
            #expect(table.fits(feature, total: 7 + table.rows))
            #expect(lookup.width == lookups * (encoding == .multiHashSum ? Self.hashes : 1))
            let missing = rows(lookup, nil)
            for token in 0..<400 {
                let own = rows(lookup, hash(token))
                #expect(own.count == lookup.width && own == rows(again, hash(token)))
                #expect(own.allSatisfy { (7..<(7 + table.rows)).contains(Int($0)) }, "token \(token): \(own)")
                #expect(own != missing)
                if encoding != .unified { #expect(Set(own).isDisjoint(with: missing), "token \(token)") }
            }
        }
    }

    /// Tokens outside a vocabulary are all the same, and neither a known token nor a missing one.
    @Test(arguments: TableEncoding.allCases) func rareTokensShareTheirRows(encoding: TableEncoding) {
        let lookup = TokenLookup(feature(encoding), table(encoding, hasVocabulary: true))
        let rare = rows(lookup, hash(300))
        for token in 301..<400 { #expect(rows(lookup, hash(token)) == rare) }
        #expect(rare != rows(lookup, nil))
        for token in 0..<300 {
            let own = rows(lookup, hash(token))
            #expect(own != rare)
            if encoding != .unified { #expect(Set(own).isDisjoint(with: rare)) }
        }
    }

    /// The whole width of a slot lies together; chunks of their own hashes do not.
    @Test func slotsAreWholeWhereOneHashChoosesThem() {
        for encoding in [TableEncoding.hash, .multiHashSum, .collisionless] {
            let lookup = TokenLookup(feature(encoding), table(encoding, hasVocabulary: false))
            for token in 0..<300 {
                let own = rows(lookup, hash(token))
                for place in stride(from: 0, to: own.count, by: 2) {
                    #expect(own[place + 1] == own[place] + 1 && (own[place] - 7) % 2 == 0)
                }
            }
        }
        let chunks = TokenLookup(feature(.multiHash), table(.multiHash, hasVocabulary: false))
        for token in 0..<300 {
            let own = rows(chunks, hash(token))
            #expect((7..<507).contains(own[0]) && (507..<1007).contains(own[1]))
        }
        let distances = Set((0..<300).map { rows(chunks, hash($0))[1] - rows(chunks, hash($0))[0] })
        #expect(distances.count > 100)
    }

    @Test func noTwoTokensMeetWithoutCollisions() {
        let lookup = TokenLookup(feature(.collisionless), table(.collisionless, hasVocabulary: true))
        let all = ([nil] + (0...300).map(hash)).flatMap { rows(lookup, $0) }
        #expect(Set(all).count == all.count && all.count == 604)
    }

    /// Several hashes tell more tokens apart in the same rows.
    @Test func severalHashesCollideLess() {
        func same(_ encoding: TableEncoding) -> Int {
            let table = FeatureTable(encoding: encoding, first: 0, rows: 200)
            let lookup = TokenLookup(feature(encoding), table)
            return 300 - Set((0..<300).map { rows(lookup, hash($0)).sorted() }).count
        }
        #expect(same(.multiHash) < same(.hash) / 4)
        #expect(same(.multiHashSum) < same(.hash) / 4)
    }

    @Test(arguments: TableEncoding.allCases) func tablesAreReadAsTheyWereWritten(encoding: TableEncoding) throws {
        for hasVocabulary in [false, true] {
            let table = table(encoding, hasVocabulary: hasVocabulary)
            let data = try JSONEncoder().encode(table)
            #expect(try JSONDecoder().decode(FeatureTable.self, from: data) == table)
        }
    }

    @Test func vocabulariesFindTheirTokens() throws {
        let vocabulary = TokenVocabulary((0..<100).map(hash) + [hash(3)])
        #expect(vocabulary.count == 100)
        #expect(Set((0..<100).compactMap { vocabulary.place(of: hash($0)) }) == Set(0..<100))
        #expect(vocabulary.place(of: hash(100)) == nil)
        #expect(TokenVocabulary([UInt64]()).place(of: 0) == nil)
        let text = String(decoding: try JSONEncoder().encode(TokenVocabulary([2, 1])), as: UTF8.self)
        #expect(text == "\"AQAAAAAAAAACAAAAAAAAAA==\"")
        for bad in [#""AQAA""#, #""?""#, #""AgAAAAAAAAABAAAAAAAAAA==""#, #""AQAAAAAAAAABAAAAAAAAAA==""#, "3"] {
            #expect(throws: DecodingError.self, "\(bad)") {
                try JSONDecoder().decode(TokenVocabulary.self, from: Data(bad.utf8))
            }
        }
    }

    @Test func tablesThatDoNotFitAreFound() {
        func fits(_ table: FeatureTable, _ feature: CategoricalFeature) -> Bool { table.fits(feature, total: 2000) }
        for encoding in TableEncoding.allCases {
            let (feature, sound) = (feature(encoding), table(encoding, hasVocabulary: true))
            #expect(fits(sound, feature))
            var outside = sound
            outside.first = 1500
            #expect(!fits(outside, feature))
            outside.first = -1
            #expect(!fits(outside, feature))
            var small = sound
            small.rows = encoding == .unified ? 0 : encoding == .collisionless ? 603 : 5
            #expect(!fits(small, feature))
            var none = feature
            none.lookups = 0
            #expect(!fits(sound, none))
        }
        var untold = table(.collisionless, hasVocabulary: true)
        untold.vocabulary = nil
        #expect(!fits(untold, feature(.collisionless)))
        #expect(!fits(table(.hash, hasVocabulary: false), feature(.multiHashSum)))
    }

    @Test func widthsGrowWithTheFourthRoot() {
        func lookups(_ tokens: Int) -> Int { TableWidths.fourthRootLookups(tokens: tokens, dimension: 8) }
        #expect(lookups(0) == 1 && lookups(1) == 1)
        #expect(lookups(16) == 2)
        #expect(lookups(10_000) == 8)
        #expect(lookups(1_000_000_000) == 8)
    }
}
