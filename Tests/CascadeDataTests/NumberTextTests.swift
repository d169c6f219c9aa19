import CascadeCore
import Testing

@testable import CascadeData

@Suite struct NumberTextTests {
    private func integer(_ text: String) -> Int64? { text.withBytes(NumberText.integer) }
    private func double(_ text: String) -> Double? { text.withBytes(NumberText.double) }

    private func time(_ text: String, _ format: TimeFormat) -> Int64? {
        text.withBytes { field -> Int64? in
            if case .success(let time) = TimeText.time(field, format: format) { return time.microseconds }
            return nil
        }
    }

    @Test func readsWholeNumbers() {
        #expect(integer("0") == 0)
        #expect(integer("-42") == -42)
        #expect(integer("+7") == 7)
        #expect(integer("9223372036854775807") == .max)
        #expect(integer("-9223372036854775808") == .min)
        for bad in ["9223372036854775808", "-9223372036854775809", "99999999999999999999", "", "-", "1.0", "1 ", "x"] {
            #expect(integer(bad) == nil, "\(bad)")
        }
    }

    @Test func refusesWhatIsNoDecimalNumber() {
        for bad in ["", ".", "-", "nan", "inf", "-Infinity", "0x10", "1e", "1,5", "1.2.3", "1e999", "--1", "e5"] {
            #expect(double(bad) == nil, "\(bad)")
        }
    }

    @Test(arguments: 0..<20) func readsDecimalNumbersLikeTheLibrary(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            var text = random.below(2) == 0 ? "" : "-"
            for _ in 0..<(1 + random.below(18)) { text += "\(random.below(10))" }
            if random.below(2) == 0 {
                text += "."
                for _ in 0..<random.below(18) { text += "\(random.below(10))" }
            }
            if random.below(4) == 0 { text += "e\(random.below(80) - 40)" }
            #expect(double(text) == Double(text), "seed \(seed): \(text)")
        }
    }

    @Test func readsTimes() {
        #expect(time("964982703", .seconds) == 964_982_703_000_000)
        #expect(time("1.5", .seconds) == 1_500_000)
        #expect(time("-3", .seconds) == -3_000_000)
        #expect(time("1649483768861", .milliseconds) == 1_649_483_768_861_000)
        #expect(time("1649483768861.0", .milliseconds) == 1_649_483_768_861_000)
        #expect(time("17", .microseconds) == 17)
        #expect(time("2019-11-24 00:03:13.442536+00:00", .rfc3339) == 1_574_553_793_442_536)
        #expect(time("2022-04-10", .date) == 1_649_548_800_000_000)
        #expect(time("20220410", .date) == 1_649_548_800_000_000)
        for (text, format) in [
            ("1649483768861", TimeFormat.seconds), ("9223372036854775807", .seconds), ("1e300", .milliseconds),
            ("20221310", .date), ("soon", .rfc3339), ("", .seconds), ("2022-02-30", .date),
        ] {
            #expect(time(text, format) == nil, "\(text) \(format)")
        }
    }

    @Test(arguments: 0..<40) func tellsValidUTF8LikeTheLibrary(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces: [[UInt8]] = [
            Array("aé€😀".utf8), [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
            [0xF0, 0x9F, 0x98], [0xEF, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xC2, 0xA9], [0x41], [0xFF],
        ]
        for _ in 0..<200 {
            var bytes: [UInt8] = []
            for _ in 0..<random.below(4) { bytes += pieces[random.below(pieces.count)] }
            let isValid = bytes.withUnsafeBufferPointer(UTF8Check.isValid)
            #expect(isValid == (String(validating: bytes, as: UTF8.self) != nil), "seed \(seed): \(bytes)")
        }
    }
}
