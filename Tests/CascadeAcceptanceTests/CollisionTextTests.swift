import Foundation
import Testing

@testable import CascadeFeatures
@testable import cascade

@Suite struct CollisionTextTests {
    private static let found = [
        TokenCollisions(
            feature: "item.a_longer_name", encoding: .multiHashSum, tokens: 1200, rows: 400, same: 0.25,
            overlapping: 1, foreign: 0),
        TokenCollisions(
            feature: "user.city", encoding: .unified, tokens: 3, rows: 1000, same: 0, overlapping: 0,
            foreign: 1.0 / 3),
    ]

    @Test func theTableHasALineAFeature() {
        let lines = CollisionText.lines(of: Self.found)
        #expect(lines.count == 3 && Set(lines.map(\.count)).count == 1, "\(lines)")
        #expect(lines[1].hasPrefix("item.a_longer_name  multi_hash_sum        1200         400      0.2500"))
        #expect(lines[2].hasSuffix("0.0000      0.0000      0.3333"))
        #expect(CollisionText.lines(of: []).count == 1)
    }

    @Test func theDocumentIsReadBack() throws {
        let text = try CollisionText.json(Self.found)
        #expect(try JSONDecoder().decode([TokenCollisions].self, from: Data(text.utf8)) == Self.found)
        #expect(text.contains("\"encoding\" : \"multi_hash_sum\""))
    }
}
