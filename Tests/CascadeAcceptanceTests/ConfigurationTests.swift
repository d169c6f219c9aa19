import CascadeCore
import CascadeModels
import CascadeFeatures
import CascadePipeline
import CascadeServing
import CascadeTestSupport
import Foundation
import Testing

@testable import cascade

@Suite struct ConfigurationTests {
    private static let shipped = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Config/cascade.yaml").path

    private func load(_ text: String, _ environment: [String: String] = [:]) throws -> CascadeConfiguration {
        try withTemporaryDirectory { folder in
            let file = folder.appendingPathComponent("cascade.yaml")
            try Data(text.utf8).write(to: file)
            return try CascadeConfiguration.load(path: file.path, environment: environment)
        }
    }

    @Test func theShippedFileShowsTheDefaults() throws {
        #expect(try CascadeConfiguration.load(path: Self.shipped, environment: [:]) == CascadeConfiguration())
    }

    @Test func testsOfWhatIsServedAreReadAndChecked() throws {
        let text = """
            experiments:
              running:
                - name: more_likes
                  share: 0.2
                  arms:
                    - {name: control}
                    - {name: b, weight: 2, pipeline: {score_weights: {like: 3}, diversity: {max_per_creator: 2}}}
                    - {name: c, release: rel_1, pipeline: {exploration: {temperature: 0.1}}}
            """
        let tests = try load(text).experiments
        let test = try #require(tests.running.first)
        #expect(test.share == 0.2 && test.arms.map(\.weight) == [1, 2, 1] && test.arms[2].release == "rel_1")
        #expect(
            test.arms[1].pipeline.scoreWeights == ["like": 3] && test.arms[1].pipeline.diversity?.maxPerCreator == 2)
        #expect(test.arms[2].pipeline.exploration?.top == 100)
        for (wrong, problem) in [
            ("weight: 2, pipeline: {score_weights", "wait: 2, pipeline: {score_weights"),
            ("max_per_creator", "max_per_author"), ("temperature", "temprature"),
        ] {
            #expect(throws: (any Error).self, "\(problem)") { try load(text.replacing(wrong, with: problem)) }
        }
        #expect {
            try load(text.replacing("share: 0.2", with: "share: 2"))
        } throws: { "\($0)".contains("experiments.running.more_likes.share: 2.0 is not from 0 (ended) to 1") }
    }

    @Test func otherWaysToTheDatabaseNeedOneAndKeepTheirPasswords() throws {
        let ways = """
            database:
              url: postgresql://a:first@pooler/x
              direct_url: postgresql://a:second@db/x
              replica_url: postgresql://a:third@copy/x
              prepare_statements: false

            """
        let text = try load(ways).text()
        #expect(
            [":first", ":second", ":third"].allSatisfy { !text.contains($0) }
                && text.contains("prepare_statements: false")
        )
        let none = try load(ways, ["CASCADE_DATABASE_DIRECT_URL": "", "CASCADE_DATABASE_REPLICA_URL": ""])
        #expect(none.database.directURL.isEmpty && none.database.replicaURL.isEmpty)
        for (text, problem) in [
            ("database: {direct_url: postgresql://db/x}", "database.direct_url needs database.url"),
            ("database: {replica_url: postgresql://db/x}", "database.replica_url needs database.url"),
            ("database: {replica_lag_ms: 0}", "database.replica_lag_ms must be"),
        ] {
            #expect {
                try load(text)
            } throws: { "\($0)".contains(problem) }
        }
    }

    @Test func servingIsSetByFileAndEnvironment() throws {
        let text = "serving: {delta_limit: 7, recall_sample_rate: 0.5}"
        let configuration = try load(text, ["CASCADE_SERVING_DELTA_LIMIT": "9"])
        #expect(configuration.serving.deltaLimit == 9 && configuration.serving.recallSampleRate == 0.5)
        #expect { try load("serving: {delta_poll_ms: 5, delta_limit: -1}") } throws: {
            "\($0)".contains("serving.delta_limit must be") && "\($0)".contains("serving.delta_poll_ms must be")
        }
    }

    @Test func encodingsOfTokensAreReadAndTheirMistakesNamed() throws {
        let text = """
            features:
              tables: multi_hash
              hashes: 3
              minimum_count: 5
              widths: fourth_root
              schema:
                categorical: [{entity: item, source: id, lookups: 2, multi: false, encoding: multi_hash_sum, hashes: 4}]
                numeric: []
                counters: []

            """
        let features = try load(text).features
        #expect(features.tables == .multiHash && features.hashes == 3 && features.minimumCount == 5)
        #expect(features.widths == .fourthRoot)
        let feature = try #require(features.schema?.categorical.first)
        #expect(feature.encoding == .multiHashSum && feature.hashes == 4)
        for (right, wrong, told) in [
            ("tables: multi_hash", "tables: magic", "features.tables"), ("hashes: 3", "hashes: 9", "features.hashes"),
            ("minimum_count: 5", "minimum_count: -1", "features.minimum_count"),
            ("widths: fourth_root", "widths: wide", "features.widths"), ("hashes: 4", "hashes: 1", "item.id: hashes"),
            ("encoding: multi_hash_sum", "encoding: none", "features.schema.categorical[0].encoding"),
        ] {
            #expect {
                try load(text.replacing(right, with: wrong))
            } throws: { error in
                "\(error)".contains(told)
            }
        }
    }

    @Test func windowsAreReadAndTheirMistakesNamed() throws {
        let sound = try load("features:\n  windows:\n    - {by: [user, creator], over: [90m, 1d, all]}\n")
        #expect(
            sound.features.windows == [
                WindowedCounter(by: [.user, .creator], over: [.seconds(5400), .seconds(86_400), .all])
            ])
        #expect(try sound.text().contains("90m"))
        for (entry, told) in [
            ("{by: [item], over: [1y]}", "'features.windows[0].over[0]': '1y' is no span of time"),
            ("{by: item, over: [1h]}", "features.windows[0].by"),
            ("{by: [item]}", "features.windows[0]"),
            ("{by: [item], over: [1h], of: [click]}", "features.windows[0].of"),
            ("{by: [item, item], over: [1h]}", "features.windows[0]: by names a property twice"),
            ("{by: [item], over: [60m, 1h]}", "features.windows[0]: over lists a window twice"),
        ] {
            #expect {
                try load("features:\n  windows:\n    - \(entry)\n")
            } throws: { error in
                "\(error)".contains(told)
            }
        }
    }

    @Test func timesAreReadAndWhatNeedsThemIsTold() throws {
        let sound = try load("features: {times: true, utc_offset_hours: 5.5}\nranker: {history_mask_hours: 24}\n")
        #expect(sound.features.times && sound.features.utcOffsetHours == 5.5)
        #expect(sound.ranker.historyMaskHours == 24)
        for (text, told) in [
            ("features: {times: sometimes}", "features.times"),
            ("features: {utc_offset_hours: 15}", "features.utc_offset_hours must be -12 to 14"),
            ("ranker: {history_mask_hours: 24}", "ranker.history_mask_hours needs features.times"),
        ] {
            #expect { try load(text) } throws: { "\($0)".contains(told) }
        }
    }

    @Test func valueHeadsAreReadAndTheirMistakesNamed() throws {
        let text = """
            ranker:
              values:
                watch_time: {signal: play}
                stars: {signal: rate, loss: squared, minimum: 1, maximum: 5}
                clipped: {signal: play, bins: 64, sigma: 1, maximum: 60000, transform: log1p}

            """
        let configuration = try load(text)
        let values = configuration.ranker.values
        #expect(values["watch_time"] == ValueHeadSettings(signal: "play") && values.count == 3)
        #expect(values["stars"]?.loss == .squared && values["stars"]?.maximum == 5 && values["clipped"]?.bins == 64)
        #expect(values["clipped"]?.transform == .log1p && values["clipped"]?.minimum == nil)
        #expect(try load(try configuration.text()) == configuration)
        for (right, wrong, told) in [
            ("{signal: play}", "{}", "ranker.values.watch_time"),
            ("{signal: play}", "{signal: play, colour: red}", "ranker.values.watch_time.colour"),
            ("loss: squared", "loss: cubed", "ranker.values.stars.loss"),
            ("minimum: 1", "minimum: 9", "ranker.values.stars.minimum must be below"),
            ("bins: 64", "bins: 4", "ranker.values.clipped.bins must be at least 7"),
            ("sigma: 1", "sigma: 0", "ranker.values.clipped.sigma"),
            ("maximum: 60000", "maximum: -1", "ranker.values.clipped.transform"),
        ] {
            #expect { try load(text.replacing(right, with: wrong)) } throws: { "\($0)".contains(told) }
        }
    }

    @Test(arguments: ["delta_limit", "delta_poll_ms", "recall_sample_rate"])
    func keysThatMovedToServingAreToldSo(key: String) {
        let variable = "CASCADE_INDEX_" + key.uppercased()
        #expect { try load("", [variable: "1"]) } throws: { error in
            ExitCodes.code(of: error) == ExitCodes.usage
                && "\(error)".contains("\(variable) is called CASCADE_SERVING_\(key.uppercased()) by now")
        }
        #expect { try load("index:\n  \(key): 1\n") } throws: { error in
            ExitCodes.code(of: error) == ExitCodes.usage
                && "\(error)".contains(":2: 'index.\(key)' is called 'serving.\(key)' by now")
        }
    }

    @Test func variablesThatSetWhatIsOutOfRangeAreNamed() throws {
        for (variable, value, problem) in [
            ("CASCADE_RANKER_EPOCHS", "0", "ranker.epochs"),
            ("CASCADE_DATABASE_MAX_CONNECTIONS", "0", "database.max_connections"),
            ("CASCADE_PIPELINE_RESULT_SIZE_MAX", "10", "result_size.default"),
            ("CASCADE_TRAINING_THREADS", "999", "training.threads"),
            ("CASCADE_INDEX_EF_CONSTRUCTION", "1", "index.ef_construction"),
            ("CASCADE_INDEX_EF_SEARCH", "0", "index.ef_search"),
            ("CASCADE_SERVER_RATE_LIMIT_BURST", "-1", "rate_limit.burst"),
        ] {
            // Another variable, the name of whose key that of the wrong one begins with, is not blamed.
            let environment = [variable: value, "CASCADE_INDEX_M": "24", "CASCADE_INDEX_STORAGE": "int8"]
            #expect {
                try load("{}", environment)
            } throws: { error in
                "\(error)".contains(problem) && "\(error)".contains("(the environment sets \(variable))")
            }
        }
        #expect {
            try load("index: {minimum_recall: 2}", ["CASCADE_INDEX_M": "24"])
        } throws: { "\($0)".contains("index.minimum_recall") && !"\($0)".contains("environment") }
    }

    @Test func onlyVariablesOfSectionsAreChecked() throws {
        let others = ["CASCADE_DATA_DIR": "/data", "CASCADE_HOME": "/", "CASCADE_KERNELS": "base", "PATH": "/bin"]
        #expect(try load("", others) == CascadeConfiguration())
        #expect { try load("", ["CASCADE_RETRIEVAL_EPOCH": "3"]) } throws: {
            ExitCodes.code(of: $0) == ExitCodes.usage && "\($0)".contains("near are CASCADE_RETRIEVAL_EPOCHS,")
        }
    }
}
