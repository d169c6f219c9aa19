import CascadeTraining
import Testing

@testable import cascade

@Suite struct RankerTextTests {
    @Test func exitCodesTellUsageFromWhatTheDataLacks() {
        #expect(ExitCodes.code(of: TrainingError.badArgument("x")) == ExitCodes.usage)
        #expect(ExitCodes.code(of: TrainingError.noRanker(release: "r")) == ExitCodes.failure)
        #expect(ExitCodes.code(of: TrainingError.noImpressions(from: "a", until: "b")) == ExitCodes.failure)
    }
}
