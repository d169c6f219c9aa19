import CascadeTestSupport
import Testing

@testable import CascadePostgres

@Suite struct QueryTests {
    @Test func valuesOfEveryTypeComeBackAsTheyWent() async throws {
        try await TestDatabase.with { database in
            let text = "naïve 日本 \u{1F600} 'quote\" \\ \t\n"
            let rows = try await database.pool.query(
                """
                SELECT \(text) AS t, \(Int64.min) AS i, \(Int32(-7)) AS small, \(0.1) AS d, \(Double.infinity) AS inf,
                    \(true) AS b, \(timestamp: 1_700_000_000_123_456) AS ts, \(json: #"{"a": [1, "ü"]}"#) AS j,
                    \(["a,b", "", "NULL", "q\"\\"]) AS ta, \([Int64.max, -1]) AS ia, \([1.5, -2]) AS da,
                    \([String]()) AS empty, \(bytes: [0, 255, 16]) AS bytes, \(String?.none) AS none
                """)
            let row = try rows.single()
            #expect(try row.decode("t") == text)
            #expect(try row.decode("i") == Int64.min)
            #expect(try row.decode("small") == Int32(-7))
            #expect(try row.decode("d") == 0.1)
            #expect(try row.decode("inf") == Double.infinity)
            #expect(try row.decode("b") == true)
            #expect(try row.decode("ts") == PostgresTimestamp(microseconds: 1_700_000_000_123_456))
            #expect(try row.decode("j") == #"{"a": [1, "ü"]}"#)
            #expect(try row.decode("ta") == ["a,b", "", "NULL", "q\"\\"])
            #expect(try row.decode("ia") == [Int64.max, -1])
            #expect(try row.decode("da") == [1.5, -2])
            #expect(try row.decode("empty", as: [String].self) == [])
            #expect(try row.decode("bytes", as: PostgresBytes.self).bytes == [0, 255, 16])
            #expect(try row.decode("none", as: String?.self) == nil)
            #expect(try row.decode(3, as: Double.self) == 0.1)
        }
    }

    @Test func decodingErrorsNameColumnTypeAndOID() async throws {
        try await TestDatabase.with { database in
            let row = try await database.pool.query("SELECT 'x'::text AS word, NULL::int8 AS gap, 1.5::numeric AS n")
                .single()
            #expect(
                throws: PostgresError.decoding(column: "word", expected: "Int", typeOID: 25, reason: "the types differ")
            ) {
                try row.decode("word", as: Int.self)
            }
            #expect(throws: PostgresError.unexpectedNull(column: "gap", expected: "Int64")) {
                try row.decode("gap", as: Int64.self)
            }
            #expect(throws: PostgresError.unknownColumn(name: "words", available: ["word", "gap", "n"])) {
                try row.decode("words", as: String.self)
            }
            #expect(throws: PostgresError.self) { try row.decode("n", as: Int.self) }
            #expect(throws: PostgresError.self) { try row.decode(3, as: Int.self) }
            #expect(try row.decode("n") == 1.5)
        }
    }

    @Test func rowCountsAreChecked() async throws {
        try await TestDatabase.with { database in
            let rows = try await database.pool.query("SELECT n FROM generate_series(1, 3) AS n")
            #expect(rows.count == 3)
            #expect(try rows.column("n", as: Int.self) == [1, 2, 3])
            #expect(throws: PostgresError.unexpectedRowCount(expected: "one", actual: 3)) { try rows.single() }
            #expect(throws: PostgresError.unexpectedRowCount(expected: "at most one", actual: 3)) {
                try rows.optional()
            }
            let none = try await database.pool.query("SELECT 1 WHERE false")
            #expect(try none.optional() == nil)
        }
    }

    @Test func executeGivesTheNumberOfRowsTouched() async throws {
        try await TestDatabase.with { database in
            try await database.pool.withConnection { connection in
                try await connection.script("CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE u (a int)")
                #expect(try await connection.execute("INSERT INTO t SELECT generate_series(1, 5)") == 5)
                #expect(try await connection.execute("DELETE FROM t WHERE a > \(3)") == 2)
            }
        }
    }

    @Test func refusalsCarryCodeStatementAndNoValues() async throws {
        try await TestDatabase.with { database in
            let pool = database.pool
            try await pool.execute("CREATE TABLE t (a text PRIMARY KEY CHECK (a <> 'bad'), b int NOT NULL)")
            let insert = { (a: String, b: Int?) in
                _ = try await pool.execute("INSERT INTO t VALUES (\(a), \(b))")
            }
            try await insert("private", 1)
            for (value, number, kind) in [
                ("private", 1, ConstraintKind.unique), ("bad", 1, .check), ("x", nil, .notNull),
            ] {
                let error = await #expect(throws: PostgresError.self) { try await insert(value, number) }
                guard case .constraintViolation(let found, let failure) = error else {
                    Issue.record("another error: \(String(describing: error))" as Comment)
                    continue
                }
                #expect(found == kind)
                #expect(failure.statement == "INSERT INTO t VALUES ($1, $2)")
                #expect(failure.table == "t")
                #expect(!"\(error, default: "")".contains("private"))
            }
            let missing = await #expect(throws: PostgresError.self) {
                _ = try await pool.query("SELECT * FROM nowhere")
            }
            #expect(missing?.serverFailure?.sqlState == "42P01")
            #expect(missing?.serverFailure?.position == 15)
            #expect("\(missing, default: "")".contains("cascade db migrate"))
        }
    }

    @Test func repeatedStatementsSurviveASchemaChange() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let pool = database.pool
            try await pool.execute("CREATE TABLE t (a int)")
            try await pool.execute("INSERT INTO t VALUES (1)")
            for _ in 0..<4 { #expect(try await pool.query("SELECT * FROM t").single().decode("a") == 1) }
            let prepared = try await pool.query("SELECT count(*) FROM pg_prepared_statements").single()
            #expect(try prepared.decode(0) == 1)
            try await pool.execute("ALTER TABLE t ADD COLUMN b text DEFAULT 'new'")
            #expect(try await pool.query("SELECT * FROM t").single().decode("b") == "new")
            try await pool.execute("DEALLOCATE ALL")
            #expect(try await pool.query("SELECT * FROM t").single().decode("b") == "new")
        }
    }

    @Test func theSameTextTakesValuesOfOtherTypes() async throws {
        try await TestDatabase.with(connections: 1) { database in
            for _ in 0..<4 {
                let number: Int = try await database.pool.query("SELECT \(7) AS v").single().decode("v")
                let word: String = try await database.pool.query("SELECT \("seven77!") AS v").single().decode("v")
                #expect(number == 7)
                #expect(word == "seven77!")
            }
        }
    }

    @Test func aThousandStatementsDoNotFillTheServer() async throws {
        try await TestDatabase.with(connections: 1) { database in
            for number in 0..<400 {
                for _ in 0..<2 { try await database.pool.query("SELECT \(raw: String(number))") }
            }
            let prepared = try await database.pool.query("SELECT count(*) FROM pg_prepared_statements").single()
            #expect(try prepared.decode(0, as: Int.self) <= 256)
        }
    }

    @Test func aCopyAsAQueryIsRefusedAndTheConnectionReplaced() async throws {
        try await TestDatabase.with(connections: 1) { database in
            await #expect(throws: PostgresError.self) { try await database.pool.query("COPY pg_class TO STDOUT") }
            let answer: Int = try await database.pool.query("SELECT 1").single().decode(0)
            #expect(answer == 1)
        }
    }

    @Test func logsInOnlyWhereItMay() async throws {
        try await TestDatabase.with { database in
            await #expect {
                _ = try await PostgresConnection.connect(database.configuration.with(database: "nowhere"))
            } throws: {
                if case PostgresError.databaseMissing = $0 { true } else { false }
            }
            var stranger = database.configuration
            stranger.parameters["user"] = "stranger"
            await #expect { _ = try await PostgresConnection.connect(stranger) } throws: {
                if case PostgresError.authenticationFailed = $0 { true } else { false }
            }
            var elsewhere = database.configuration
            elsewhere.parameters["host"] = "/tmp/no-such-directory"
            await #expect { _ = try await PostgresConnection.connect(elsewhere) } throws: {
                if case PostgresError.connectionRefused = $0 { true } else { false }
            }
        }
    }
}
