import CascadeConfig
import CascadeFuzzing
import Foundation
import Testing

@testable import CascadeData

/// Whatever is in the files of an import, it ends with its rows read and its bad rows told, or with an error that names a file.
@Suite struct ImportFuzzTests {
    /// A mapping with a file that it reads.
    struct Target: CustomTestStringConvertible, Sendable {
        let name: String
        let mapping: String
        let file: String
        let inputs: [Data]

        var testDescription: String { name }
    }

    private static let separated = """
        dataset: fuzz
        tables:
          - name: log
            file: log.csv
            format: csv
            impression:
              user: user
              item: item
              time: { column: time, format: milliseconds }
              position: position
              propensity: propensity
              signals:
                - { type: click, when: click == 1, value: position }
            item:
              id: item
              title: title
              categories: { column: tags, separator: "|" }
        """
    private static let vectors = """
        dataset: fuzz
        tables:
          - name: items
            file: items.csv
            format: csv
            item: { id: item }
        vectors:
          - { name: clip, file: vectors.npy, ids: ids.txt, optional: true }
          - { name: text, file: vectors.safetensors, ids: ids.txt, optional: true }
        """

    static let targets: [Target] = [
        Target(
            name: "comma separated", mapping: separated, file: "log.csv",
            inputs: [
                Data(
                    """
                    user,item,time,position,propensity,click,title,tags
                    u1,i1,1650000000000,0,0.5,1,"a ""quoted"", title",x|y
                    u2,i2,1650000001000,3,0.25,0,plain,
                    u1,i3,1650000002000,,,1,"two
                    lines",z
                    """.utf8)
            ]),
        Target(
            name: "compressed", mapping: separated.replacingOccurrences(of: "log.csv", with: "log.csv.gz"),
            file: "log.csv.gz",
            inputs: [
                (try? gzip("user,item,time,position,propensity,click,title,tags\nu1,i1,1650000000000,0,0.5,1,t,x\n"))
                    ?? Data()
            ]),
        Target(
            name: "JSON lines", mapping: exported, file: "items.ndjson",
            inputs: [
                Data(
                    #"{"item_id":"i1","title":"t","creator_id":"c","categories":["a","b"],"created_at":"2026-01-01T00:00:00Z","hidden":false,"attributes":{"numeric":{"n":1.5},"categorical":{"k":"v"},"multi":{"m":["p","q"]},"text":{"t":"w"}}}"#
                        .utf8) + Data("\n".utf8)
            ]),
    ]

    private static let exported = (try? String(contentsOfFile: ConfigFolder.dataset("exported"), encoding: .utf8)) ?? ""

    private static func gzip(_ text: String) throws -> Data {
        let folder = try Folder()
        return try Data(contentsOf: try folder.writeGzip("x.gz", text))
    }

    @Test(arguments: targets) func filesNeverBreakIt(target: Target) async throws {
        let folder = try Folder()
        let mapping = try DatasetMapping.parse(target.mapping, file: "fuzz.yaml")
        var budget = FuzzBudget(cases: 300)
        var mutator = Mutator(words: ["user", "item", "1650000000000", "u1,i1", "\"\"", ",\"", "|"], seed: budget.seed)
        let good = target.inputs.map { Array($0) }
        while budget.next() {
            let input = Data(mutator.input(of: good))
            try input.write(to: folder.file(target.file))
            do {
                let report = try await ImportRun.validate(
                    mapping: mapping, directory: folder.url, rejects: folder.file("rejects.ndjson"))
                #expect(report.total(\.rejected) <= report.total(\.rowsRead))
            } catch is DataError {
            } catch {
                Issue.record("seed \(budget.seed), input \(budget.done): \(error) for \(input.base64EncodedString())")
            }
        }
        budget.report("import, \(target.name)")
    }

    @Test(arguments: ["npy", "safetensors"]) func filesOfVectorsNeverBreakIt(form: String) async throws {
        let folder = try Folder()
        try folder.write("items.csv", "item\na\nb\n")
        try folder.write("ids.txt", "a\nb\n")
        let mapping = try DatasetMapping.parse(Self.vectors, file: "fuzz.yaml")
        let numbers = MatrixBytes.floats([1, 2, 3, 4, 5, 6])
        let arrays = [
            MatrixBytes.npy(shape: "(2, 3)", numbers: numbers),
            MatrixBytes.npy("<f4", shape: "(2, 3)", fortran: true, numbers: numbers),
        ]
        let tensors = [
            MatrixBytes.safetensors(#"{"v":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}"#, numbers: numbers)
        ]
        let good = (form == "npy" ? arrays : tensors).map { Array($0) }
        let file = folder.file("vectors.\(form)")
        var budget = FuzzBudget(cases: 600)
        var mutator = Mutator(
            words: [
                "'descr'", "<f8", "<f2", "(2, 3)", "(9223372036854775807, 2)", "(,)", "True", "F16", "data_offsets",
            ],
            seed: budget.seed)
        while budget.next() {
            let input = Data(mutator.input(of: good))
            // Mapped files are only ever replaced.
            try? FileManager.default.removeItem(at: file)
            try input.write(to: file)
            do {
                _ = try await ImportRun.validate(mapping: mapping, directory: folder.url)
            } catch is DataError {
            } catch {
                Issue.record("seed \(budget.seed), input \(budget.done): \(error) for \(input.base64EncodedString())")
            }
        }
        budget.report("import, vectors as \(form)")
    }

    @Test func mappingsNeverBreakIt() throws {
        let good = try ["kuairand", "movielens-small", "exported", "globo"].map {
            Array(try Data(contentsOf: URL(fileURLWithPath: ConfigFolder.dataset($0))))
        }
        var budget = FuzzBudget(cases: 400)
        var mutator = Mutator(
            words: ["tables:", "file:", "column:", "format:", "when:", "- {", "&a", "*a", "!!binary", "<<:", "? "],
            seed: budget.seed)
        while budget.next() {
            let input = String(decoding: mutator.input(of: good), as: UTF8.self)
            do throws(ConfigError) {
                let mapping = try DatasetMapping.parse(input, file: "fuzz.yaml")
                #expect(!mapping.dataset.isEmpty)
            } catch {
                #expect("\(error)".contains("fuzz.yaml"), "seed \(budget.seed), input \(budget.done): \(input)")
            }
        }
        budget.report("mappings")
    }
}
