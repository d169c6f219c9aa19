import CascadeConfig
import CascadeCore
import Foundation
import Testing

@testable import CascadeData

@Suite struct RelationImportTests {
    private let mapping = """
        dataset: d
        tables:
          - name: follows
            file: follows.csv
            format: csv
            user:
              id: user
            relations:
              - user: user
                kind: follow
                target: author
                time: { column: at, format: rfc3339 }
                when: state != left
        """
    private let header = "user,author,at,state\n"

    private func follow(_ user: String, _ creator: String, _ time: String? = nil) -> UserRelation {
        UserRelation(
            userID: UserID(user), kind: .follow, target: creator, since: time.flatMap { Timestamp(rfc3339: $0) })
    }

    @Test func rowsBecomeRelations() async throws {
        let folder = try Folder()
        let time = "2026-01-02T03:04:05Z"
        try folder.write(
            "follows.csv", header + "u1,a,\(time),new\nu1,b,,new\nu2,a,\(time),left\nu2,\"c,d\",\(time),x\n")
        let sink = RecordingSink()
        let report = try await folder.run(mapping, into: sink)
        let relations = await sink.relations
        #expect(
            Set(relations.values) == [follow("u1", "a", time), follow("u1", "b"), follow("u2", "c,d", time)])
        #expect(await sink.users.count == 2)
        #expect(report.tables[0].outcome[.relations] == ImportCount(inserted: 3))
        let again = try await folder.run(mapping, into: sink)
        #expect(again.total(\.inserted) == 0)
        #expect(again.tables[0].outcome[.relations] == ImportCount(duplicates: 3))
        #expect(await sink.relations == relations)
    }

    @Test func badRowsAreRejectedWhole() async throws {
        let folder = try Folder()
        let long = String(repeating: "x", count: 257)
        try folder.write("follows.csv", header + "u1,,,new\n,a,,new\nu2,a,soon,new\nu3,\(long),,new\nu4,a,,new\n")
        let sink = RecordingSink()
        let report = try await folder.run(mapping, into: sink)
        #expect(await Array(sink.relations.values) == [follow("u4", "a")])
        #expect(await Array(sink.users.keys) == [UserID("u4")])
        #expect(report.tables[0].rejected == 4)
        let rejects = try folder.text("rejects.ndjson").split(separator: "\n")
        #expect(rejects.count == 4)
        for (line, column) in zip(rejects, ["author", "user", "at", "author"]) {
            #expect(line.contains("\"column\":\"\(column)\""), "\(line)")
        }
    }

    @Test(arguments: [
        ("target: author", "target: author\n        creator: author", ["m.yaml:12", "relations[0].creator"]),
        ("kind: follow", "kind: likes", ["m.yaml", "kind", "likes"]),
        ("target: author", "target: ''", ["relations[0].target", "names no column"]),
        ("user: user\n        kind", "user: []\n        kind", ["relations[0].user", "names no column"]),
        ("format: rfc3339", "format: steps", ["relations[0].time", "needs a 'start'"]),
        ("when: state != left", "when: state left", ["relations[0].when", "is no condition"]),
        ("        target: author\n", "", ["target"]),
    ])
    func whatIsWrongWithTheMappingIsNamed(good: String, bad: String, parts: [String]) {
        #expect(mapping.contains(good))
        #expect {
            try DatasetMapping.parse(mapping.replacing(good, with: bad), file: "m.yaml")
        } throws: { error in
            parts.allSatisfy { "\(error)".contains($0) }
        }
    }

    @Test func aColumnThatIsNotThereStopsTheImport() async throws {
        let folder = try Folder()
        try folder.write("follows.csv", "user,at,state\nu,,x\n")
        let sink = RecordingSink()
        await #expect { _ = try await folder.run(mapping, into: sink) } throws: { "\($0)".contains("author") }
        #expect(await sink.relations.isEmpty)
    }
}
