import ArgumentParser
import CascadePipeline
import Testing

@testable import cascade

/// What `replay`, `off-policy` and `ab` refuse before they open anything.
@Suite struct PolicyOptionsTests {
    @Test(arguments: [
        (["replay", "--without-source", "two_towers"], "there is no source 'two_towers'; there are catalog, "),
        (["replay", "--source-limit", "nobody=3"], "there is no source 'nobody'"),
        (["replay", "--without-filter", "sean"], "there is no filter 'sean'; there are categories_any, "),
        (["replay", "--max-per-creator=-1"], "--max-per-creator must be 0 (no cap) or more"),
        (["replay", "--creator-decay", "2"], "--creator-decay must be from 0 to 1"),
        (["replay", "--epsilon", "2"], "--exploration.epsilon: 2.0 is not from 0 to 1"),
        (["replay", "--no-exploration", "--top", "3"], "--no-exploration goes with no setting of exploration"),
        (["off-policy", "--weighting", "independent"], "--weighting must be sequential or slate"),
        (["off-policy", "--unsupported", "2"], "--unsupported must be from 0 to 1"),
        (["off-policy", "--number", "0"], "--number must be 1 or more"),
    ])
    func wrongOptionsAreRefused(arguments: [String], text: String) {
        #expect {
            _ = try Cascade.parseAsRoot(arguments)
        } throws: { error in Cascade.fullMessage(for: error).contains(text) }
    }

    @Test func rightOnesAreRead() throws {
        let replay = try #require(
            try Cascade.parseAsRoot([
                "replay", "like=3", "--source-limit", "two_tower=100", "--without-filter", "live_state",
                "--temperature", "0.1",
            ]) as? ReplayCommand)
        #expect(replay.changes.sourceLimit.map(\.limit) == [100] && replay.changes.factors.map(\.factor) == [3])
        let estimate = try Cascade.parseAsRoot(["off-policy", "like=3", "--no-exploration", "--weighting", "slate"])
        #expect((estimate as? OffPolicyCommand.Estimate)?.weighting == .slate)
        #expect((try Cascade.parseAsRoot(["ab", "report", "x"]) as? ABCommand.Report)?.name == "x")
    }
}
