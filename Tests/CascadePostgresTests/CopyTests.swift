import CascadeCore
import CascadeTestSupport
import Testing

@testable import CascadePostgres

@Suite struct CopyTests {
    /// One row of all the types that COPY writes.
    struct Sample: Equatable, Sendable {
        var id: Int
        var word: String?
        var ratio: Double
        var flag: Bool?
        var time: Int64
        var tags: [String]
        var document: String

        static let pieces = [
            "", "plain", "tab\there", "line\nbreak", "return\r", "back\\slash", "\\N", "\\.", "quote\"s", "'", "{a,b}",
            "NULL", "ünï", "日本語", "\u{1F600}", "\u{1}", "a\\tb", " ",
        ]

        static func make(_ number: Int, _ random: inout SeededRandom) -> Sample {
            func text() -> String { (0..<random.below(4)).map { _ in pieces[random.below(pieces.count)] }.joined() }
            return Sample(
                id: number, word: random.below(10) == 0 ? nil : text(),
                ratio: [0, -0.1, 1e300, 5e-300, .infinity][random.below(5)] + Double(number),
                flag: [true, false, nil][random.below(3)],
                time: Int64.random(in: -5_000_000_000_000_000...5_000_000_000_000_000, using: &random),
                tags: (0..<random.below(4)).map { _ in text() }, document: "{\"n\": \(number)}")
        }
    }

    private static let seed: UInt64 = 20_240_501
    private static let samples: [Sample] = {
        var random = SeededRandom(seed: seed)
        return (0..<100_000).map { Sample.make($0, &random) }
    }()

    private static let columns = ["id", "word", "ratio", "flag", "time", "tags", "document"]

    private func makeTable(_ pool: PostgresPool) async throws {
        try await pool.execute(
            """
            CREATE TABLE samples (id int, word text, ratio float8, flag bool, time timestamptz, tags text[],
                document jsonb)
            """)
    }

    private static func write(_ sample: Sample, _ row: CopyInWriter) throws {
        row.int(sample.id)
        row.text(sample.word)
        row.double(sample.ratio)
        row.bool(sample.flag)
        row.timestamp(microseconds: sample.time)
        row.texts(sample.tags)
        row.json(sample.document)
        try row.endRow()
    }

    private static func read(_ row: CopyOutRow) throws -> Sample {
        Sample(
            id: try row.int(0), word: row.isNull(1) ? nil : try row.string(1), ratio: try row.double(2),
            flag: row.isNull(3) ? nil : try row.bool(3), time: try row.microseconds(4), tags: try row.strings(5),
            document: try row.json(6))
    }

    @Test(arguments: [CopyFormat.text, .binary])
    func aHundredThousandRowsOfAnyTextComeBack(format: CopyFormat) async throws {
        let samples = Self.samples
        try await TestDatabase.with(connections: 1) { database in
            try await makeTable(database.pool)
            try await database.pool.withConnection { connection in
                let copied = try await connection.copyIn(table: "samples", columns: Self.columns, format: format) {
                    row in
                    for sample in samples { try Self.write(sample, row) }
                }
                #expect(copied == samples.count)
                let back = try await connection.copyOut("SELECT * FROM samples ORDER BY id", into: [Sample]()) {
                    $0.append(try Self.read($1))
                }
                #expect(back == samples, "seed \(Self.seed)")
                // The other way to read must agree.
                let some = try await connection.query("SELECT word, tags, time FROM samples WHERE id < 500 ORDER BY id")
                for (row, sample) in zip(some, samples) {
                    #expect(try row.decode("word") == sample.word)
                    #expect(try row.decode("tags") == sample.tags)
                    #expect(try row.decode("time", as: PostgresTimestamp.self).microseconds == sample.time)
                }
            }
        }
    }

    @Test(arguments: [CopyFormat.text, .binary]) func bytesAreReadAndWritten(format: CopyFormat) async throws {
        let samples: [[UInt8]] = [[], [0], Array(0...255), [UInt8](repeating: 92, count: 100_000)]
        try await TestDatabase.with(connections: 1) { database in
            try await database.pool.execute("CREATE TABLE b (n int, bytes bytea)")
            try await database.pool.withConnection { connection in
                try await connection.copyIn(table: "b", columns: ["n", "bytes"], format: format) { row in
                    for (number, bytes) in samples.enumerated() {
                        row.int(number)
                        bytes.withUnsafeBytes { row.bytes($0) }
                        try row.endRow()
                    }
                }
                let back = try await connection.copyOut("SELECT bytes FROM b ORDER BY n", into: [[UInt8]]()) {
                    $0.append(Array(try $1.bytes(0)))
                }
                #expect(back == samples)
            }
            await #expect(throws: PostgresError.self) {
                try await database.pool.withConnection { connection in
                    try await connection.copyIn(table: "b", columns: ["n", "bytes"], format: .binary) { row in
                        [UInt8](repeating: 1, count: 4).withUnsafeBytes { row.bytes($0) }
                        row.null()
                        try row.endRow()
                    }
                }
            }
        }
    }

    @Test func numbersOfEveryWidthAreReadAndWritten() async throws {
        try await TestDatabase.with(connections: 1) { database in
            try await database.pool.execute("CREATE TABLE n (a int2, b int4, c int8, d float4, e float8, f varchar)")
            try await database.pool.withConnection { connection in
                for format in [CopyFormat.text, .binary] {
                    try await connection.copyIn(
                        table: "public.n", columns: ["a", "b", "c", "d", "e", "f"], format: format
                    ) {
                        row in
                        for value in [Int16.min, 0, .max] {
                            row.int(Int(value))
                            row.int(Int64(value) * 65536)
                            row.int(Int64(value) * 1 << 48)
                            row.double(0.25)
                            row.double(Double?.none)
                            row.text("x")
                            try row.endRow()
                        }
                    }
                }
                let sums = try await connection.copyOut(
                    "SELECT a, b, c, d, e, ARRAY[a, 1]::int2[], ARRAY[c], ARRAY[d] FROM n", into: [[Int]]()
                ) { rows, row in
                    #expect(row.isNull(4))
                    #expect(try row.float(3) == 0.25)
                    #expect(try row.doubles(7) == [0.25])
                    #expect(try row.ints(6) == [try row.int(2)])
                    #expect(try row.ints(5) == [try row.int(0), 1])
                    rows.append([try row.int(0), try row.int(1), try row.int(2)])
                }
                let expected = [Int(Int16.min), 0, Int(Int16.max)].map { [$0, $0 * 65536, $0 << 48] }
                #expect(sums == expected + expected)
            }
        }
    }

    @Test(arguments: [CopyFormat.text, .binary])
    func whatDoesNotFitIsRefusedAndNothingIsKept(format: CopyFormat) async throws {
        try await TestDatabase.with(connections: 1) { database in
            try await database.pool.execute("CREATE TABLE t (a int4, b text)")
            func copy(_ produce: @Sendable (CopyInWriter) throws -> Void) async throws {
                try await database.pool.withConnection { connection in
                    _ = try await connection.copyIn(table: "t", columns: ["a", "b"], format: format) { row in
                        row.int(1)
                        row.text("fine")
                        try row.endRow()
                        try produce(row)
                    }
                }
            }
            let nul = await #expect(throws: PostgresError.self) {
                try await copy { row in
                    row.int(2)
                    row.text("secret\0")
                    try row.endRow()
                }
            }
            #expect("\(nul, default: "")".contains("row 2, column \"b\": the text holds a NUL character"))
            #expect(!"\(nul, default: "")".contains("secret"))
            await #expect(throws: PostgresError.self) {
                try await copy { row in
                    row.int(2)
                    try row.endRow()
                }
            }
            await #expect(throws: PostgresError.self) { try await copy { row in row.int(2) } }
            await #expect(throws: PostgresError.self) {
                try await copy { row in
                    row.int(1 << 40)
                    row.null()
                    try row.endRow()
                }
            }
            await #expect(throws: CancellationError.self) { try await copy { _ in throw CancellationError() } }
            #expect(try await database.pool.query("SELECT count(*) FROM t").single().decode(0) == 0)
            #expect(database.pool.status.opened == 1)
        }
    }

    @Test func binaryNeedsTypesThatItKnows() async throws {
        try await TestDatabase.with(connections: 1) { database in
            try await database.pool.execute("CREATE TABLE t (a inet, b int)")
            try await database.pool.withConnection { connection in
                let error = await #expect(throws: PostgresError.self) {
                    _ = try await connection.copyIn(table: "t", columns: ["a"], format: .binary) { row in
                        row.text("10.0.0.1")
                        try row.endRow()
                    }
                }
                #expect("\(error, default: "")".contains("column \"a\""))
                await #expect(throws: PostgresError.unknownColumn(name: "zz", available: ["a", "b"])) {
                    _ = try await connection.copyIn(table: "t", columns: ["zz"], format: .binary) { _ in }
                }
                let copied = try await connection.copyIn(table: "t", columns: ["a"]) { row in
                    row.text("10.0.0.1")
                    try row.endRow()
                }
                #expect(copied == 1)
            }
        }
    }

    @Test func nothingToCopyIsNoError() async throws {
        try await TestDatabase.with(connections: 1) { database in
            try await database.pool.execute("CREATE TABLE t (a int)")
            try await database.pool.withConnection { connection in
                for format in [CopyFormat.text, .binary] {
                    let copied = try await connection.copyIn(table: "t", columns: ["a"], format: format) { _ in }
                    #expect(copied == 0)
                }
                let count = try await connection.copyOut("SELECT a FROM t", into: 0) { count, _ in count += 1 }
                #expect(count == 0)
            }
        }
    }

    @Test func valuesOfACopiedStatementAreLiterals() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let nasty = "'; DROP TABLE t; -- \\ $1"
            let words = try await database.pool.withConnection { connection in
                try await connection.copyOut(
                    "SELECT \(nasty), \(["a'b", "c"]), \(timestamp: 1_500_000), \(0.1), \([1.5])", into: [String]()
                ) { words, row in
                    words.append(try row.string(0))
                    words.append(contentsOf: try row.strings(1))
                    #expect(try row.microseconds(2) == 1_500_000)
                    #expect(try row.double(3) == 0.1)
                    #expect(try row.doubles(4) == [1.5])
                }
            }
            #expect(words == [nasty, "a'b", "c"])
        }
    }

    @Test func aConsumerThatThrowsStopsTheStream() async throws {
        struct Enough: Error {}
        try await TestDatabase.with(connections: 1) { database in
            await #expect(throws: Enough.self) {
                try await database.pool.withConnection { connection in
                    _ = try await connection.copyOut("SELECT generate_series(1, 100000000)", into: 0) { count, _ in
                        count += 1
                        if count == 1000 { throw Enough() }
                    }
                }
            }
            let answer: Int = try await database.pool.query("SELECT 1").single().decode(0)
            #expect(answer == 1)
            #expect(database.pool.status.opened == 1)
        }
    }

    @Test func fieldsAreCheckedWhenRead() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let statement: SQL = "SELECT 'abc'::text, NULL::int, ARRAY[[1]]"
            let attempts: [@Sendable (CopyOutRow) throws -> Void] = [
                { _ = try $0.int(0) }, { _ = try $0.double(0) }, { _ = try $0.bool(0) }, { _ = try $0.microseconds(0) },
                { _ = try $0.int(1) }, { _ = try $0.int(3) }, { _ = try $0.ints(2) }, { _ = try $0.json(0) },
            ]
            for attempt in attempts {
                await #expect(throws: PostgresError.self) {
                    try await database.pool.withConnection { connection in
                        _ = try await connection.copyOut(statement, into: 0) { _, row in try attempt(row) }
                    }
                }
            }
        }
    }

    @Test func errorsOfACopyQuoteNoValues() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.pool.withConnection { connection in
                    _ = try await connection.copyOut("SELECT 1 / (length(\("secret")) - 6)", into: 0) { _, _ in }
                }
            }
            #expect(error?.serverFailure?.statement.contains("length($1)") == true)
            #expect(!"\(error, default: "")".contains("secret"))
        }
    }

    @Test func aCopyInTheWrongDirectionIsRefused() async throws {
        try await TestDatabase.with(connections: 1) { database in
            try await database.pool.execute("CREATE TABLE t (a int)")
            await #expect(throws: PostgresError.self) {
                try await database.pool.withConnection { connection in
                    try await connection.withSession { session in
                        _ = try session.copyIn(raw: "COPY t TO STDOUT") { _ in }
                    }
                }
            }
            await #expect(throws: PostgresError.self) {
                try await database.pool.withConnection { connection in
                    try await connection.withSession { session in try session.copyOut(raw: "SELECT 1") { _ in } }
                }
            }
            let answer: Int = try await database.pool.query("SELECT 1").single().decode(0)
            #expect(answer == 1)
        }
    }

    @Test func aRawCopyHandsOverTheLines() async throws {
        try await TestDatabase.with(connections: 1) { database in
            try await database.pool.execute("CREATE TABLE t (a int, b text)")
            let text = try await database.pool.withConnection { connection in
                try await connection.withSession { session in
                    let copied = try session.copyIn(raw: "COPY t FROM STDIN (FORMAT csv)") { send in
                        try Array("1,\"x,y\"\n2,\n".utf8).withUnsafeBytes { bytes in
                            try send(bytes)
                        }
                    }
                    #expect(copied == 2)
                    var lines = ""
                    try session.copyOut(raw: "COPY (SELECT * FROM t WHERE a = \(1)) TO STDOUT") {
                        lines += String(decoding: $0, as: UTF8.self)
                    }
                    return lines
                }
            }
            #expect(text == "1\tx,y\n")
        }
    }

    @Test func aServerThatRefusesTheRowsIsHeard() async throws {
        try await TestDatabase.with(connections: 1) { database in
            try await database.pool.execute("CREATE TABLE t (a int PRIMARY KEY)")
            await #expect {
                try await database.pool.withConnection { connection in
                    _ = try await connection.copyIn(table: "t", columns: ["a"]) { row in
                        for _ in 0..<200_000 {
                            row.int(1)
                            try row.endRow()
                        }
                    }
                }
            } throws: {
                if case PostgresError.constraintViolation(.unique, _) = $0 { true } else { false }
            }
            await #expect(throws: PostgresError.self) {
                try await database.pool.withConnection { connection in
                    _ = try await connection.copyIn(table: "nowhere", columns: ["a"]) { _ in }
                }
            }
            #expect(database.pool.status.opened == 1)
        }
    }

    @Test func aCancelledCopyIsUndone() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let pool = database.pool
            try await pool.execute("CREATE TABLE t (a int)")
            let task = Task {
                try await pool.withConnection { connection in
                    try await connection.copyIn(table: "t", columns: ["a"]) { row in
                        while true {
                            row.int(1)
                            try row.endRow()
                        }
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            await #expect { try await task.value } throws: {
                if case PostgresError.cancelled = $0 { true } else { false }
            }
            #expect(try await pool.query("SELECT count(*) FROM t").single().decode(0) == 0)
        }
    }
}
