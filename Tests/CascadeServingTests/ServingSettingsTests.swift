import CascadeServing
import CascadeModels
import CascadeNN
import Foundation
import Testing

@Suite struct ServingSettingsTests {
    @Test func theDefaultsAndTheLimitsAreSound() {
        #expect(ServingSettings().problems().isEmpty)
        for (limit, poll, rate) in [(0, 10, 0.0), (1_000_000, 60_000, 1)] {
            var settings = ServingSettings()
            (settings.deltaLimit, settings.deltaPollMilliseconds, settings.recallSampleRate) = (limit, poll, rate)
            #expect(settings.problems().isEmpty)
        }
    }

    @Test func whatIsOutOfRangeIsNamedByItsKey() {
        func problems(_ change: (inout ServingSettings) -> Void) -> [String] {
            var settings = ServingSettings()
            change(&settings)
            return settings.problems()
        }
        for limit in [-1, 1_000_001] {
            #expect(problems { $0.deltaLimit = limit } == ["serving.delta_limit must be 0 to 1000000"])
        }
        for poll in [9, 60_001] {
            #expect(problems { $0.deltaPollMilliseconds = poll } == ["serving.delta_poll_ms must be 10 to 60000"])
        }
        for rate in [-0.1, 1.1, .nan] {
            #expect(problems { $0.recallSampleRate = rate } == ["serving.recall_sample_rate must be 0 to 1"])
        }
        let all = problems {
            ($0.deltaLimit, $0.deltaPollMilliseconds, $0.recallSampleRate) = (-1, 0, 2)
        }
        #expect(all.count == 3)
    }

    @Test func keysAreThoseOfTheConfiguration() throws {
        let text = #"""
            {"delta_limit": 7, "delta_poll_ms": 20, "recall_sample_rate": 0.5, "counter_poll_ms": 9, "counter_cache": 8,
             "item_parts_mb": 6, "ranker_products": "float32"}
            """#
        let settings = try JSONDecoder().decode(ServingSettings.self, from: Data(text.utf8))
        #expect(settings.deltaLimit == 7 && settings.deltaPollMilliseconds == 20 && settings.recallSampleRate == 0.5)
        #expect(settings.counterPollMilliseconds == 9 && settings.counterCache == 8)
        #expect(settings.itemPartsMegabytes == 6 && settings.rankerProducts == .float32)
        #expect(settings.inference == InferenceOptions(itemBytes: 6 << 20, products: .float32))
    }
}
