import CascadeCore
import Foundation
import Testing

@testable import CascadeData

/// What the mapping of exports needs beyond other data sets.
@Suite struct ExportedMappingTests {
    private let items = """
        dataset: d
        tables:
          - name: items
            file: i.ndjson
            format: ndjson
            item:
              id: id
              categories: { column: categories, verbatim: true }
              attributes_from:
                - { column: a.text, kind: text }
                - { column: rest }
        """

    @Test func membersOfObjectsAreAttributes() async throws {
        let folder = try Folder()
        try folder.write(
            "i.ndjson",
            #"{"id":"1","a":{"text":{"note":"x \"y\" {z}"},"other":{"n":1}},"rest":{"n":2.5,"l":["a","b"],"f":true,"no":null}}"#
                + "\n" + #"{"id":"2","a":{"text":{}},"rest":{}}"# + "\n" + #"{"id":"3"}"# + "\n"
                + #"{"id":"4","rest":"text"}"# + "\n" + #"{"id":"5","rest":{"o":{}}}"# + "\n")
        let sink = RecordingSink()
        let report = try await folder.run(items, into: sink)
        let found = await sink.items
        #expect(
            found[ItemID("1")]?.attributes == [
                "note": .text("x \"y\" {z}"), "n": .number(2.5), "l": .list(["a", "b"]), "f": .flag(true),
            ])
        #expect(found[ItemID("2")]?.attributes == [:])
        #expect(found[ItemID("3")]?.attributes == [:])
        #expect(report.total(\.rejected) == 2)
        #expect(await sink.batchAttributes == [AttributeDefinition(entity: .item, name: "note", kind: .text)])
    }

    @Test func verbatimListsStayAsTheyAre() async throws {
        let folder = try Folder()
        try folder.write("i.ndjson", #"{"id":"1","categories":[" a ","3.0","3.0","",null,"b|c"]}"# + "\n")
        let sink = RecordingSink()
        _ = try await folder.run(items, into: sink)
        #expect(await sink.items[ItemID("1")]?.categories == [" a ", "3.0", "3.0", "", "b|c"])
    }

    @Test func eachImpressionMaySayWhatWasRecorded() async throws {
        let folder = try Folder()
        let mapping = """
            dataset: d
            tables:
              - name: log
                file: l.ndjson
                format: ndjson
                impression:
                  id: id
                  user: u
                  item: i
                  time: { column: t, format: seconds }
                  observed_column: seen
              - name: events
                file: e.ndjson
                format: ndjson
                events:
                  - id: id
                    type_column: type
                    user: u
                    item: i
                    time: { column: t, format: seconds }
            """
        try folder.write(
            "l.ndjson",
            #"{"id":"1","u":"u","i":"i","t":1,"seen":["click","like"]}"# + "\n"
                + #"{"id":"2","u":"u","i":"i","t":1,"seen":[]}"# + "\n"
                + #"{"id":"3","u":"u","i":"i","t":1,"seen":null}"# + "\n"
                + #"{"id":"4","u":"u","i":"i","t":1,"seen":"click"}"# + "\n")
        try folder.write("e.ndjson", #"{"id":"e","u":"u","i":"i","t":1,"type":"any kind / at all"}"# + "\n")
        let sink = RecordingSink()
        let report = try await folder.run(mapping, into: sink)
        let shown = await sink.impressions.values.sorted { $0.id < $1.id }
        #expect(shown.map(\.observed) == [["click", "like"], [], nil])
        #expect(report.total(\.rejected) == 1)
        #expect(await sink.events.values.map(\.type) == ["any kind / at all"])
    }

    @Test(arguments: [
        ("format: ndjson", "format: csv", "ndjson only"),
        ("column: rest", "column: a.text", "there twice"),
        ("verbatim: true", "verbatim: true, separator: x", "'verbatim'"),
    ])
    func mistakesAreNamed(_ good: String, _ bad: String, _ message: String) {
        #expect {
            _ = try DatasetMapping.parse(items.replacing(good, with: bad), file: "m.yaml")
        } throws: { error in
            "\(error)".contains(message)
        }
    }

    @Test func theShippedMappingIsFine() throws {
        let mapping = try DatasetMapping.load(path: ConfigFolder.dataset("exported"))
        #expect(mapping.tables.map(\.name) == ["users", "items", "impressions", "events"])
    }
}
