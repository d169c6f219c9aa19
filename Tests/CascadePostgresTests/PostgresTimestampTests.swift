import CascadeCore
import CascadeTestSupport
import Testing

@testable import CascadePostgres

@Suite struct PostgresTimestampTests {
    private func parse(_ text: String) -> PostgresTimestamp? {
        Array(text.utf8).withUnsafeBytes { PostgresTimestamp(text: $0) }
    }

    @Test(arguments: [
        ("1970-01-01 00:00:00+00", Int64(0)),
        ("2000-01-01 00:00:00+00", 946_684_800_000_000),
        ("2024-02-29 23:59:59.999999+00", 1_709_251_199_999_999),
        ("2024-02-29 12:00:00.5+02:30", 1_709_199_000_500_000),
        ("1969-12-31 23:59:59.75+00", -250_000),
        ("2024-05-06", 1_714_953_600_000_000),
        ("0001-01-01 00:00:00+00 BC", -62_167_219_200_000_000),
    ])
    func textIsRead(text: String, microseconds: Int64) { #expect(parse(text)?.microseconds == microseconds) }

    @Test(arguments: ["", "yesterday", "2024-13-01", "2024-01-01 10", "2024-01-01 10:00:00+00 AD"])
    func otherTextIsRefused(text: String) { #expect(parse(text) == nil) }

    @Test func printingAndReadingAgreeForAnyTime() {
        for seed in UInt64(0)..<500 {
            var random = SeededRandom(seed: seed)
            let time = PostgresTimestamp(
                microseconds: Int64.random(in: -200_000_000_000_000_000...250_000_000_000_000_000, using: &random))
            #expect(parse(time.description) == time, "seed \(seed)")
            #expect(PostgresTimestamp(binary: time.binary) == time, "seed \(seed)")
        }
        for time in [PostgresTimestamp.infinity, .minusInfinity] {
            #expect(parse(time.description) == time)
            #expect(PostgresTimestamp(binary: time.binary) == time)
        }
    }

    @Test func theServerPrintsTheSameTimes() async throws {
        try await TestDatabase.with { database in
            for seed in UInt64(0)..<50 {
                var random = SeededRandom(seed: seed)
                let microseconds = Int64.random(in: -100_000_000_000_000_000...200_000_000_000_000_000, using: &random)
                let row = try await database.pool.query(
                    "SELECT \(timestamp: microseconds) AS t, \(timestamp: microseconds)::text AS printed"
                ).single()
                #expect(try row.decode("t") == PostgresTimestamp(microseconds: microseconds), "seed \(seed)")
                let printed: String = try row.decode("printed")
                #expect(parse(printed)?.microseconds == microseconds, "seed \(seed)")
            }
        }
    }
}
