import CascadeConfig
import CascadeCore
import Testing

@testable import CascadeData

@Suite struct MappingTests {
    private func problems(_ text: String) -> String {
        do {
            _ = try DatasetMapping.parse(text, file: "m.yaml")
            return ""
        } catch {
            return "\(error)"
        }
    }

    private let good = """
        dataset: d
        tables:
          - name: log
            file: [a.csv, b.csv]
            format: csv
            impression:
              user: u
              item: i
              time: { column: t, format: seconds }
              signals:
                - { type: click, when: c == 1 }
        """

    @Test func readsAMapping() throws {
        let mapping = try DatasetMapping.parse(good, file: "m.yaml")
        #expect(mapping.tables[0].file.all == ["a.csv", "b.csv"])
        #expect(mapping.signals == ["click"])
        #expect(mapping.tables[0].impression?.time == TimeMapping(column: "t", format: .seconds))
    }

    @Test func anUnknownKeyIsNamedWithItsLine() {
        let text = problems(good.replacing("user: u", with: "users: u\n      user: u"))
        #expect(text.contains("m.yaml:7") && text.contains("users"), "\(text)")
    }

    @Test func anUnknownFormatIsNamed() {
        #expect(problems(good.replacing("format: csv", with: "format: xlsx")).contains("xlsx"))
    }

    @Test(arguments: [
        ("c == 1", "c is 1", "is no condition"),
        ("c == 1", "c > many", "is no number"),
        ("c == 1", "== 1", "names no column"),
        ("type: click", "type: 'a b'", "no signal name"),
        ("format: seconds", "format: steps", "needs a 'start'"),
        ("format: seconds", "format: seconds, step: 1", "belong to the format 'steps'"),
        ("column: t", "column: $row", "belongs to the format 'steps'"),
        ("format: csv", "format: separated", "needs a 'delimiter'"),
        ("format: csv", "format: csv\n    quote: ab", "must be one byte"),
        ("format: csv", "format: csv\n    header: false", "needs 'columns'"),
        ("format: csv", "format: csv\n    columns: [u, i]", "'header: false'"),
        ("format: csv", "format: ndjson\n    quote: x", "means nothing for the format ndjson"),
        ("dataset: d", "dataset: ''", "'dataset' needs a name"),
        ("      user: u", "      user: []", "names no column"),
        ("signals:", "observed: [like]\n      signals:", "leaves out signals"),
        ("file: [a.csv, b.csv]", "file: []", "'file' is empty"),
        (
            "    impression:",
            "    events: [{ user: u, item: i, time: { column: t, format: seconds } }]\n    impression:",
            "either 'type' or 'type_column'"
        ),
        (
            "    impression:", "    user: { id: u, attributes: [{ column: a, kind: multi }] }\n    impression:",
            "needs a 'separator'"
        ),
        (
            "    impression:",
            "    user: { id: u, attributes: [{ name: a, columns: [b], kind: numeric }] }\n    impression:",
            "not with 'columns'"
        ),
        (
            "    impression:",
            "    user: { id: u, attributes: [{column: a, kind: numeric}, {column: a, kind: text}] }\n    impression:",
            "is there twice"
        ),
    ])
    func aWrongMappingSaysWhatIsWrong(old: String, new: String, expected: String) {
        let text = problems(good.replacing(old, with: new))
        #expect(text.contains(expected) && text.contains("m.yaml"), "\(text)")
    }

    @Test func collectsAllProblems() {
        let text = problems("dataset: ''\ntables:\n  - { name: '', file: a, format: csv }")
        #expect(text.contains("'dataset' needs a name") && text.contains("a table needs a name"), "\(text)")
        #expect(text.contains("makes nothing"), "\(text)")
    }

    @Test func declaresAttributesOnce() throws {
        let text = """
            dataset: d
            tables:
              - { name: a, file: a, format: csv, item: { id: i, attributes: [{ columns: [x, y], kind: numeric }] } }
              - { name: b, file: b, format: csv, item: { id: i, attributes: [{ column: x, kind: numeric }] } }
            """
        #expect(
            try DatasetMapping.parse(text, file: "m").attributeDefinitions == [
                AttributeDefinition(entity: .item, name: "x", kind: .numeric),
                AttributeDefinition(entity: .item, name: "y", kind: .numeric),
            ])
        #expect(
            problems(text.replacing("column: x, kind: numeric", with: "column: x, kind: text")).contains("elsewhere"))
    }
}

@Suite struct ConditionTests {
    /// Tests `condition` on one row with the columns a and b.
    private func answer(_ condition: String, a: String = "", b: String = "") throws -> CompiledCondition.Answer {
        var format = SeparatedFormat()
        format.header = false
        format.columns = ["a", "b"]
        let reader = try SeparatedReader(ByteWindow(MemorySource("\"\(a)\",\"\(b)\"")), format: format, file: "t")
        let resolver = ColumnResolver(columns: reader.columns, missing: ["NA"], trims: false)
        let compiled = CompiledCondition(condition, resolver)
        #expect(try reader.next())
        return try compiled.test(reader.record)
    }

    @Test func comparesNumbersAndTexts() throws {
        #expect(try answer("a == 1", a: "1.0") == .yes)
        #expect(try answer("a==1", a: "0") == .no)
        #expect(try answer("a != 1", a: "x") == .yes)
        #expect(try answer("a >= 4", a: "4") == .yes)
        #expect(try answer("a > 4", a: "4") == .no)
        #expect(try answer("a <= -0.5", a: "-1") == .yes)
        #expect(try answer("a < 3", a: "2.99") == .yes)
        #expect(try answer("a == view", a: "view") == .yes)
        #expect(try answer("a == ' x '", a: " x ") == .yes)
        #expect(try answer("a == \"\"", a: "x") == .no)
    }

    @Test func joinsClauses() throws {
        #expect(try answer("a == 1 and b == 2", a: "1", b: "2") == .yes)
        #expect(try answer("a == 1 and b == 2", a: "1", b: "3") == .no)
        #expect(try answer("a == 1 and b == 2", a: "NA", b: "2") == .unknown)
        #expect(try answer("a == 1 and b == 2", a: "NA", b: "3") == .no)
    }

    @Test func knowsMissingCells() throws {
        #expect(try answer("a == 1", a: "") == .unknown)
        #expect(try answer("a != 1", a: "NA") == .unknown)
        #expect(try answer("a is missing", a: "NA") == .yes)
        #expect(try answer("a is present", a: "NA") == .no)
        #expect(try answer("a is present and b is missing", a: "0") == .yes)
    }

    @Test func orderNeedsNumbers() throws {
        #expect(throws: RowProblem(column: "a", reason: "'x' is no number")) { _ = try self.answer("a > 1", a: "x") }
    }
}
