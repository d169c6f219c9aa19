import CascadeCore
import CascadeJobs
import Testing

@Suite struct JobArgumentsTests {
    @Test func parametersBecomeArguments() throws {
        #expect(try JobArguments.of(.train, [:]) == ["train", "--resume"])
        #expect(
            try JobArguments.of(.train, ["until": "2026-01-31", "seed": "7", "activate": "false"]) == [
                "train", "--resume", "--until=2026-01-31", "--seed=7", "--no-activate",
            ])
        #expect(try JobArguments.of(.indexRebuild, ["activate": "true"]) == ["index", "rebuild"])
        #expect(try JobArguments.of(.train, ["warm": "true"]) == ["train", "--resume", "--warm"])
        #expect(try JobArguments.of(.train, ["warm": "false"]) == ["train", "--resume"])
        #expect(
            try JobArguments.of(.importData, ["path": "--x", "dataset": "d.yaml"]) == [
                "import", "--dataset=d.yaml", "--path=--x",
            ])
        #expect(try JobArguments.of(.evaluate, ["release": "r"]) == ["evaluate", "--release=r"])
    }

    @Test func whatAKindCannotBeToldIsRefusedByName() {
        #expect(throws: JobError.missingParameter(.importData, name: "path")) {
            try JobArguments.of(.importData, ["dataset": "d"])
        }
        #expect { try JobArguments.of(.train, ["unitl": "2026-01-31"]) } throws: {
            "\($0)".contains("unitl") && "\($0)".contains("until")
        }
        for (name, value) in [("until", "yesterday"), ("seed", "-1"), ("activate", "no")] {
            #expect { try JobArguments.of(.train, [name: value]) } throws: {
                "\($0)".contains(name) && "\($0)".contains(value)
            }
        }
        #expect { try JobArguments.of(.importData, ["dataset": "d", "path": ""]) } throws: {
            "\($0)".contains("path") && "\($0)".contains("not empty")
        }
        #expect { try JobArguments.kind("trian") } throws: { "\($0)".contains("index_rebuild") }
    }

    @Test func intervalsAreReadAndWritten() throws {
        for (text, seconds) in [("90s", Int64(90)), ("90m", 5400), ("6h", 21_600), ("1d", 86_400), ("24h", 86_400)] {
            #expect(try JobInterval.seconds(text) == seconds)
        }
        #expect(JobInterval.text(21_600) == "6h" && JobInterval.text(86_400) == "1d" && JobInterval.text(61) == "61s")
        for bad in ["", "h", "6", "-6h", "0m", "6 h", "1y", "9999999999999999999d", "367d"] {
            #expect(throws: JobError.self, "\(bad)") { try JobInterval.seconds(bad) }
        }
    }
}
