import CascadeCore
import Foundation
import Testing

@testable import CascadeData

/// Every form of file and every kind of output, through a whole import.
@Suite struct FormatTests {
    @Test func usersAndItemsWithAttributes() async throws {
        let folder = try Folder()
        try folder.write(
            "items.tsv",
            "id\ttitle\tmaker\tkinds\tborn\tstate\tprice\tcolour\tnote\n"
                + "1\tA \"b\"\tm1\tx|y||x\t20220410\t2\t1.5\t3.0\thello\n2\t\t\t\t\t0\t-1\tred\t\n")
        let sink = RecordingSink()
        _ = try await folder.run(
            """
            dataset: d
            tables:
              - name: items
                file: items.tsv
                format: tsv
                item:
                  id: id
                  title: title
                  creator: maker
                  categories: { column: kinds, separator: "|" }
                  created_at: { column: born, format: date }
                  hidden: state == 2
                  attributes:
                    - { column: kinds, name: tags, kind: multi, separator: "|", missing: ["y"] }
                    - { column: price, kind: numeric, missing: ["-1"] }
                    - { column: colour, kind: categorical }
                    - { column: note, kind: text }
                user: { id: id, attributes: [{ column: colour, kind: categorical }] }
            """, into: sink)
        let items = await sink.items
        #expect(
            items[ItemID("1")]
                == Item(
                    id: ItemID("1"), title: "A \"b\"", creatorID: "m1", categories: ["x", "y"],
                    attributes: [
                        "tags": .list(["x"]), "price": .number(1.5), "colour": .text("3"), "note": .text("hello"),
                    ],
                    createdAt: Timestamp(rfc3339: "2022-04-10"), hidden: true))
        #expect(items[ItemID("2")] == Item(id: ItemID("2"), attributes: ["colour": .text("red")]))
        #expect(await sink.users[UserID("2")]?.attributes == ["colour": .text("red")])
        #expect(await sink.attributes.count == 5)
    }

    @Test func ndjsonWithListsAndNesting() async throws {
        let folder = try Folder()
        try folder.write(
            "items.ndjson",
            "{\"sku\":\"a\",\"tags\":[\"x\",\"y\"],\"info\":{\"maker\":\"m\"},\"price\":3,\"hidden\":true}\n"
                + "{\"sku\":\"b\",\"tags\":[],\"price\":\"cheap\"}\n{\"sku\":7,\"tags\":null}\n{\"sku\":[1]}\n")
        let sink = RecordingSink()
        let report = try await folder.run(
            """
            dataset: d
            tables:
              - name: items
                file: items.ndjson
                format: ndjson
                item:
                  id: sku
                  creator: info.maker
                  hidden: hidden == true
                  attributes:
                    - { column: tags, kind: multi }
                    - { column: price, kind: numeric }
            """, into: sink)
        let items = await sink.items
        #expect(
            items[ItemID("a")]
                == Item(
                    id: ItemID("a"), creatorID: "m", attributes: ["tags": .list(["x", "y"]), "price": .number(3)],
                    hidden: true))
        #expect(items[ItemID("7")] == Item(id: ItemID("7")))
        #expect(report.total(\.rejected) == 2)
        #expect(Set(items.keys) == [ItemID("a"), ItemID("7")])
    }

    @Test func ndjsonWithoutANeededMemberIsAnError() async throws {
        let folder = try Folder()
        try folder.write("items.ndjson", "{\"id\":\"a\",\"x\":{\"y\":1}}\n")
        let yaml = """
            dataset: d
            tables: [{ name: items, file: items.ndjson, format: ndjson, item: { id: sku, title: name } }]
            """
        await #expect(
            throws: DataError.unknownColumns(
                file: "items.ndjson", table: "items", columns: ["sku"], present: ["id", "x.y"])
        ) {
            _ = try await folder.run(yaml, into: RecordingSink())
        }
        let report = try await folder.run(yaml.replacing("id: sku", with: "id: id"), into: RecordingSink())
        #expect(report.warnings == ["items.ndjson: no 'name' in the first 1 rows"])
    }

    @Test func sequencesKeepTheirOrderInTime() async throws {
        let folder = try Folder()
        try folder.write("s.txt", "u1 a b a\nu2 c\n")
        let sink = RecordingSink()
        let yaml = """
            dataset: d
            tables:
              - name: s
                file: s.txt
                format: sequences
                item: { id: item }
                events:
                  - type: seen
                    user: user
                    item: item
                    time: { column: index, format: steps, start: 1970-01-01T00:00:00Z, step: 60 }
            """
        let report = try await folder.run(yaml, into: sink, batchRows: 2)
        let times = await sink.events.values.sorted { ($0.userID, $0.occurredAt) < ($1.userID, $1.occurredAt) }
        #expect(times.map(\.itemID.rawValue) == ["a", "b", "a", "c"])
        #expect(times.map(\.occurredAt.seconds) == [0, 60, 120, 0])
        #expect(await Set(sink.items.keys.map(\.rawValue)) == ["a", "b", "c"])
        #expect(report.tables[0].outcome[.items] == ImportCount(inserted: 3, duplicates: 0))
        let back = RecordingSink()
        _ = try await folder.run(
            yaml.replacing("column: index", with: "column: remaining").replacing("step: 60", with: "step: -60"),
            into: back)
        let ends = await back.events.values.filter { $0.occurredAt.seconds == 0 }.map(\.itemID.rawValue).sorted()
        #expect(ends == ["a", "c"])
    }

    @Test func mapsOfJSON() async throws {
        let folder = try Folder()
        try folder.writeGzip("m.json.gz", "{\"4\": [1, 2], \"5\": []}")
        let sink = RecordingSink()
        _ = try await folder.run(
            """
            dataset: d
            tables:
              - { name: m, file: m.json, format: json_map,
                  item: { id: key, attributes: [{ column: value, name: marks, kind: multi }] } }
            """, into: sink)
        #expect(await sink.items[ItemID("4")]?.attributes == ["marks": .list(["1", "2"])])
        #expect(await sink.items[ItemID("5")]?.attributes == [:])
    }

    @Test func separatedTextInLatin1WithoutHeader() async throws {
        let folder = try Folder()
        let bytes = Array("1:: Caf".utf8) + [0xE9] + Array(" ::964982703\n".utf8)
        try Data(bytes).write(to: folder.file("movies.dat"))
        let sink = RecordingSink()
        _ = try await folder.run(
            """
            dataset: d
            tables:
              - name: movies
                file: "*.dat"
                format: separated
                encoding: latin1
                delimiter: "::"
                header: false
                trim: true
                columns: [id, title, at]
                item: { id: id, title: title, created_at: { column: at, format: seconds } }
            """, into: sink)
        #expect(
            await sink.items[ItemID("1")]
                == Item(id: ItemID("1"), title: "Café", createdAt: Timestamp(seconds: 964_982_703)))
    }

    @Test func eventsOfSeveralTypes() async throws {
        let folder = try Folder()
        try folder.write(
            "2/events.csv", "id,at,who,what,kind,n\ne1,1970-01-01T00:00:01Z,u,i,view,\ne2,1970-01-01,u,i,buy,3\n")
        try folder.write("1/events.csv", "who,what,kind,n,id,at\nu,i,scroll,,e3,1970-01-01\nu,j,view,x,e4,1970-01-01\n")
        let sink = RecordingSink()
        let report = try await folder.run(
            """
            dataset: d
            tables:
              - name: events
                file: "?/events.csv"
                format: csv
                where: what == i
                events:
                  - id: id
                    type_column: kind
                    types: { view: click, buy: purchase }
                    user: who
                    item: what
                    time: { column: at, format: rfc3339 }
                    value: n
            """, into: sink)
        let events = await sink.events
        #expect(events.keys.sorted() == ["e1", "e2"])
        #expect(events["e2"]?.type == "purchase" && events["e2"]?.value == 3)
        #expect(await sink.signals == ["click", "purchase"])
        #expect(report.tables[0].files == ["1/events.csv", "2/events.csv"])
        #expect(report.tables[0].skipped == 1)
        #expect(report.tables[0].rejected == 0)
    }

    @Test func rowsWithoutTimesTakeTheirOrder() async throws {
        let folder = try Folder()
        try folder.write("a.csv", "u,i\nu1,a\nu1,b\n")
        let sink = RecordingSink()
        _ = try await folder.run(
            """
            dataset: d
            tables:
              - name: a
                file: a.csv
                format: csv
                events:
                  - { type: buy, user: u, item: i, time: { column: $row, format: steps, start: 1970-01-01, step: 5 } }
            """, into: sink)
        #expect(await sink.events.values.map(\.occurredAt.seconds).sorted() == [0, 5])
    }

    @Test func usersNamedByColumnsAreTheSameInAllTables() async throws {
        let folder = try Folder()
        try folder.write("a.csv", "x,y,i\n1,2,a\n1,2,b\n12,,c\n1,3,a\n")
        let sink = RecordingSink()
        let table = """
                file: a.csv
                format: csv
                where: y is present
                user: { id: [x, y], attributes: [{ columns: [x, y], kind: categorical }] }
                events:
                  - { type: t, user: [x, y], item: i, time: {column: $row, format: steps, start: 1970-01-01, step: 5} }
            """
        _ = try await folder.run("dataset: d\ntables:\n  - name: one\n\(table)\n  - name: two\n\(table)\n", into: sink)
        #expect(await sink.users.count == 2)
        #expect(await sink.events.count == 6)
        #expect(await Set(sink.events.values.map(\.userID)) == Set(sink.users.keys))
        #expect(await !sink.sawRepeats)
    }

    @Test func repeatedUsersOfALogAreWrittenWhenTheyChange() async throws {
        let folder = try Folder()
        try folder.write("a.csv", "u,i,os\nu1,a,x\nu1,b,x\nu1,c,y\nu1,d,x\nu2,a,x\n")
        let sink = RecordingSink()
        let report = try await folder.run(
            """
            dataset: d
            tables:
              - name: a
                file: a.csv
                format: csv
                user: { id: u, attributes: [{ column: os, kind: categorical }] }
                item: { id: i }
                events:
                  - { type: t, user: u, item: i, time: { column: $row, format: steps, start: 1970-01-01, step: 1 } }
            """, into: sink, batchRows: 2)
        #expect(await sink.users[UserID("u1")]?.attributes == ["os": .text("x")])
        #expect(report.tables[0].outcome[.items] == ImportCount(inserted: 4, duplicates: 0))
        #expect(await !sink.sawRepeats)
    }

    @Test func repeatedItemsOfACatalogAreMergedAndCounted() async throws {
        let folder = try Folder()
        try folder.write("a.csv", "id,title,x\n1,one,\n1,one,\n1,,2\n2,two,\n")
        let sink = RecordingSink()
        let report = try await folder.run(
            """
            dataset: d
            tables:
              - name: a
                file: a.csv
                format: csv
                item: { id: id, title: title, attributes: [{ column: x, kind: numeric }] }
            """, into: sink, batchRows: 10)
        #expect(await sink.items[ItemID("1")] == Item(id: ItemID("1"), title: "one", attributes: ["x": .number(2)]))
        #expect(report.tables[0].outcome[.items] == ImportCount(inserted: 2, duplicates: 2))
        #expect(await !sink.sawRepeats)
    }

    @Test func slatesShareAnIdentifier() async throws {
        let folder = try Folder()
        try folder.write("a.csv", "slate,u,i,c\ns1,u,a,1\ns1,u,b,1\ns1,u,a,1\n")
        let sink = RecordingSink()
        let report = try await folder.run(
            """
            dataset: d
            tables:
              - name: a
                file: a.csv
                format: csv
                impression:
                  id: slate
                  user: u
                  item: i
                  time: { column: $row, format: steps, start: 1970-01-01, step: 1 }
                  when: u is present
                  signals: [{ type: click, when: c == 1 }]
            """, into: sink)
        #expect(report.tables[0].outcome[.impressions] == ImportCount(inserted: 2, duplicates: 1))
        #expect(await sink.events.keys.sorted() == ["s1:a:click", "s1:b:click"])
        #expect(await sink.events["s1:a:click"]?.impressionID == "s1")
    }

    @Test func wildcards() {
        func matches(_ name: String, _ pattern: String) -> Bool {
            TableFiles.matches(Array(name.utf8), Array(pattern.utf8))
        }
        #expect(matches("part-01.csv.gz", "part-*.csv.gz"))
        #expect(matches("part-01.csv", "part-??.csv"))
        #expect(matches("aXbXc", "a*b*c"))
        #expect(matches("", "*"))
        #expect(!matches("part-1.csv", "part-??.csv"))
        #expect(!matches("abcd", "a*c"))
    }
}
