import CascadeCore
import CascadePostgres
import CascadeStorage
import CascadeTestSupport
import Foundation
import Testing

/// Every program of `Benchmarks` runs, as small as it goes, so that none rots. Of no figure is anything asked but that it is
/// one.
@Suite struct BenchmarkSmokeTests {
    private func floats(_ count: Int, seed: UInt64) -> Data {
        var random = SeededRandom(seed: seed)
        let values = (0..<count).map { _ in Float(random.uniform() - 0.5) }
        return values.withUnsafeBytes { Data($0) }
    }

    @Test(arguments: [("default", "float32"), ("full", "bfloat16"), ("default", "int8"), ("default", "bfloat16x3")])
    func rankersAreScored(form: String, products: String) throws {
        try withTemporaryDirectory { folder in
            let file = folder.appending(path: "request").path
            let run = try BenchmarkRun(
                BenchmarkRun.program("bench-ranker-scoring"), [form, products, "1000000000", "1", file],
                input: "round\n",
                in: folder)
            #expect(run.code == 0, "\(run.errors)")
            #expect(run.output.hasPrefix("ready\n"))
            #expect((run.number("milliseconds") ?? 0) > 0)
            #expect(FileManager.default.fileExists(atPath: file))
        }
    }

    @Test(arguments: [("default", "float32"), ("full", "bfloat16")])
    func rankersAreTrained(form: String, products: String) throws {
        try withTemporaryDirectory { folder in
            let run = try BenchmarkRun(
                BenchmarkRun.program("bench-ranker-training"), [form, "2", products], input: "steps 1\n", in: folder)
            #expect(run.code == 0, "\(run.errors)")
            #expect((run.number("rows_per_second") ?? 0) > 0)
            #expect((run.number("loss") ?? .nan).isFinite)
        }
    }

    /// Batches of a file: numbers that say nothing and labels that are all 1, which a few steps learn.
    @Test func rankersLearnFromAFile() throws {
        try withTemporaryDirectory { folder in
            let file = folder.appending(path: "batches")
            let ones = [Float](repeating: 1, count: 2048)
            var batch = Data(count: 4 * 2048 * (34 + 60 + 7))
            batch.append(ones.withUnsafeBytes { Data($0) })
            try batch.write(to: file)
            let program = BenchmarkRun.program("bench-ranker-training")
            let run = try BenchmarkRun(
                program, ["default", "1", "float32", file.path], input: "steps 1\nsteps 6\n", in: folder)
            #expect(run.code == 0, "\(run.errors)")
            let losses = run.output.split(separator: "\n").compactMap { Float($0.split(separator: " ").last ?? "") }
            #expect(losses.count == 2 && abs(losses[0] - 0.693) < 0.2 && losses[1] < losses[0], "\(losses)")
            try batch.dropLast(4).write(to: file)
            let cut = try BenchmarkRun(program, ["default", "1", "float32", file.path], in: folder)
            #expect(cut.code != 0)
        }
    }

    @Test func productsAreMade() throws {
        try withTemporaryDirectory { folder in
            let run = try BenchmarkRun(BenchmarkRun.program("bench-products"), ["1"], in: folder)
            #expect(run.code == 0, "\(run.errors)")
            #expect((run.number("int8") ?? 0) > 0 && (run.number("openblas") ?? 0) > 0)
        }
    }

    @Test(arguments: ["pooled", "sasrec"]) func retrievalModelsMakeTheirFirstLoss(tower: String) throws {
        try withTemporaryDirectory { folder in
            let file = folder.appending(path: "data").path
            // An epoch takes long in a debug build: the input ends before the first.
            let run = try BenchmarkRun(
                BenchmarkRun.program("bench-retrieval-training"), [tower, "2", file], in: folder)
            #expect(run.code == 0, "\(run.errors)")
            #expect((run.number("loss") ?? .nan).isFinite)
            #expect(FileManager.default.fileExists(atPath: file))
        }
    }

    @Test func indexesAreBuiltAndSearched() throws {
        try withTemporaryDirectory { folder in
            try floats(1000 * 16, seed: 1).write(to: folder.appending(path: "base.f32"))
            try floats(20 * 16, seed: 2).write(to: folder.appending(path: "queries.f32"))
            let program = BenchmarkRun.program("bench-hnsw")
            let whole = try BenchmarkRun(program, [folder.path, "16", "2", "64", "10"], in: folder)
            #expect(whole.code == 0 && whole.output.contains("\"build\""), "\(whole.errors)")
            let found = folder.appending(path: "found.i32")
            #expect(try Data(contentsOf: found).count == 20 * 10 * 4)
            let build = try BenchmarkRun(
                program, ["build", folder.path, "16", "2", "float32", "bfloat16", "int8"], in: folder)
            #expect(build.code == 0 && build.output.contains("\"bytes\""), "\(build.errors)")
            let search = try BenchmarkRun(
                program, ["search", folder.path, "2"], input: "float32 5 32\nint8 5 32\nbfloat16 5 32\n", in: folder)
            #expect(search.code == 0, "\(search.errors)")
            #expect(search.output.split(separator: "\n").count == 3)
            #expect(try Data(contentsOf: found).count == 20 * 5 * 4)
        }
    }

    @Test func logsAreRead() async throws {
        try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations) { database in
            let storage = Storage(pool: database.pool)
            let moment = Timestamp(microseconds: 1_650_000_000_000_000)
            _ = try await storage.feedback.append(
                (0..<20).map { number in
                    Impression(
                        id: "m\(number)", userID: UserID("u\(number % 4)"), itemID: ItemID("i\(number)"),
                        shownAt: moment.adding(seconds: Double(number)))
                })
            try withTemporaryDirectory { folder in
                let run = try BenchmarkRun(BenchmarkRun.program("bench-logs"), [database.url, "10"], in: folder)
                #expect(run.code == 0, "\(run.errors)")
                #expect(run.output.contains("p50"))
            }
        }
    }

    @Test(arguments: [
        "bench-hnsw", "bench-logs", "bench-products", "bench-ranker-scoring", "bench-ranker-training",
        "bench-retrieval-training",
    ])
    func wrongArgumentsAreRefused(name: String) throws {
        try withTemporaryDirectory { folder in
            let run = try BenchmarkRun(BenchmarkRun.program(name), ["nonsense"], in: folder)
            #expect(run.code != 0 && run.errors.contains(name), "\(run.errors)")
        }
    }

    /// The other sides need libraries that are not installed for tests; that Python reads them is seen here.
    @Test(.enabled(if: BenchmarkRun.python != nil, "there is no python3")) func peersAreReadable() throws {
        let python = try #require(BenchmarkRun.python)
        let benchmarks = BenchmarkRun.root.appending(path: "Benchmarks")
        let names = try #require(FileManager.default.enumerator(atPath: benchmarks.path))
        let files = names.compactMap { $0 as? String }.filter { $0.hasSuffix(".py") && !$0.hasPrefix(".") }
        #expect(files.count > 10)
        let check = "import ast, sys\nfor path in sys.argv[1:]: ast.parse(open(path, encoding='utf-8').read(), path)"
        try withTemporaryDirectory { folder in
            let paths = files.map { benchmarks.appending(path: $0).path }
            let run = try BenchmarkRun(python, ["-c", check] + paths, in: folder)
            #expect(run.code == 0, "\(run.errors)")
        }
    }

    @Test func scriptsAreReadable() throws {
        let benchmarks = BenchmarkRun.root.appending(path: "Benchmarks")
        let names = try #require(FileManager.default.enumerator(atPath: benchmarks.path))
        let files = names.compactMap { $0 as? String }.filter { $0.hasSuffix(".sh") }
        #expect(!files.isEmpty)
        try withTemporaryDirectory { folder in
            for file in files {
                let path = benchmarks.appending(path: file).path
                let run = try BenchmarkRun(URL(filePath: "/bin/bash"), ["-n", path], in: folder)
                #expect(run.code == 0, "\(file): \(run.errors)")
            }
        }
    }
}
