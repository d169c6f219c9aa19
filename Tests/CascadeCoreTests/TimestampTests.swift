import CascadeCore
import Foundation
import Testing

@Suite struct TimestampTests {
    @Test func readsAndWritesRFC3339() {
        #expect(Timestamp(rfc3339: "1970-01-01")?.microseconds == 0)
        #expect(Timestamp(rfc3339: "2022-04-25T00:00:00Z")?.microseconds == 1_650_844_800_000_000)
        #expect(Timestamp(rfc3339: "2022-04-25T02:30:00+02:30")?.rfc3339 == "2022-04-25T00:00:00Z")
        #expect(Timestamp(rfc3339: "2022-04-25T00:00:00.125Z")?.rfc3339 == "2022-04-25T00:00:00.125Z")
        #expect(Timestamp(rfc3339: "1969-12-31T23:59:59.5Z")?.microseconds == -500_000)
        #expect(Timestamp(microseconds: -500_000).rfc3339 == "1969-12-31T23:59:59.5Z")
    }

    @Test(arguments: [
        "", "2022", "2022-13-01", "2022-02-30", "2023-02-29", "2022-04-25T25:00:00Z", "2022-04-25T00:00:00Zx",
        "22-04-25", "2022-04-25T00:00:00.Z", "2022/04/25", "2022-04-25T00:00:00+2",
    ])
    func refuses(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func agreesWithFoundationOnRandomTimes() {
        let seed: UInt64 = 7
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let seconds = random.below(8_000_000_000) - 2_000_000_000
            let text = Date(timeIntervalSince1970: Double(seconds)).formatted(Date.ISO8601FormatStyle(timeZone: .gmt))
            #expect(Timestamp(rfc3339: text)?.microseconds == Int64(seconds) * 1_000_000, "seed \(seed): \(text)")
            #expect(Timestamp(microseconds: Int64(seconds) * 1_000_000).rfc3339 == text, "seed \(seed)")
        }
    }

    @Test func clampsMillisecondsBeyondTheRange() {
        #expect(Timestamp(milliseconds: .max).microseconds == .max)
        #expect(Timestamp(milliseconds: .min).microseconds == .min)
        #expect(Timestamp(milliseconds: 1_649_483_768_861).microseconds == 1_649_483_768_861_000)
    }

    @Test func periodsAreHalfOpen() {
        let period = Period(from: Timestamp(microseconds: 10), until: Timestamp(microseconds: 20))
        #expect(period.contains(Timestamp(microseconds: 10)))
        #expect(!period.contains(Timestamp(microseconds: 20)))
        #expect(Period().contains(Timestamp(microseconds: 0)))
    }
}
