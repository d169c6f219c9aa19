import CascadeCore
import CascadePipeline
import Foundation
import HummingbirdTesting
import Testing

@testable import CascadeServer

/// The Python client has the operations of the document, with all that they take, and a server understands them.
@Suite(.serialized, .enabled(if: Python.isThere, "python3 is not installed")) struct PythonClientTests {
    /// What a script prints.
    private static func printed(_ script: String, _ arguments: String..., input: Data = Data()) async throws
        -> JSONValue
    {
        let ended = try await Python.run(["\(Python.tests)/\(script)"] + arguments, input: input)
        try #require(ended.code == 0, "\(ended.errors)")
        return try JSONParser.parse(Array(ended.output))
    }

    /// An `operationId` as Python writes names: `getOpenAPI` is `get_open_api`.
    private static func snake(_ id: String) -> String {
        var name = ""
        for (previous, character) in zip(" " + id, id) {
            if character.isUppercase, !previous.isUppercase { name += "_" }
            name += character.lowercased()
        }
        return name
    }

    @Test func hasTheOperationsOfTheDocument() async throws {
        let described = Interface.members(try await Self.printed("describe.py"))
        #expect(Set(described.keys) == Set(Interface.operations.keys.map(Self.snake)))
        #expect(Interface.operations.count > 40)
        for (id, operation) in Interface.operations {
            let method = try #require(described[Self.snake(id)])
            let parameters = Interface.elements(method["parameters"]).compactMap(Interface.text)
            #expect(Set(parameters) == Self.parameters(of: operation, id), "\(id)")
            #expect(method["variable"] == false && method["annotated"] == true, "\(id)")
            #expect(Interface.text(method["documentation"])?.isEmpty == false, "\(id)")
            let sent = Interface.elements(method["sent"])
            #expect(sent.count == (id == "postJob" ? 4 : 1), "\(id)")
            for request in sent { Self.check(request, operation, id) }
        }
    }

    /// All that a method has to take: names of the path, parameters of the query, members of the body, and a name for the write.
    private static func parameters(of operation: Interface.Operation, _ id: String) -> Set<String> {
        let path = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
            String($0.dropFirst().dropLast())
        }
        let schema = operation.body ?? .null
        let form = Interface.elements(schema["oneOf"]).first ?? schema
        var names = operation.query.union(path).union(Interface.members(form["properties"]).keys)
        if operation.takesKey { names.insert("idempotency_key") }
        // These take longer than others.
        if ["activateRelease", "rollbackRelease"].contains(id) { names.insert("timeout") }
        return names
    }

    private static func check(_ request: JSONValue, _ operation: Interface.Operation, _ id: String) {
        let path = operation.path.split(separator: "/").map { part in
            part.hasPrefix("{") ? "\(part.dropFirst().dropLast())%2F%C3%A9%20%25%F0%9F%98%80" : String(part)
        }
        #expect(request["method"] == .string(operation.method), "\(id)")
        #expect(request["path"] == .string("/" + path.joined(separator: "/")), "\(id)")
        #expect(Set(Interface.members(request["query"]).keys) == operation.query, "\(id)")
        let headers = Interface.members(request["headers"])
        #expect(headers["X-api-key"] == "secret", "\(id)")
        #expect(headers["Idempotency-key"] == (operation.takesKey ? "mine" : nil), "\(id)")
        #expect(headers["Content-type"] == (operation.body == nil ? nil : "application/json"), "\(id)")
        #expect((request["body"] != .null) == (operation.body != nil), "\(id)")
        #expect(Schema.differences(request["body"] ?? .null, operation.body ?? .null) == [], "\(id)")
        let isLong = ["activateRelease", "rollbackRelease"].contains(id)
        #expect(request["timeout"]?.canonical == (isLong ? 60 : 12.5), "\(id)")
    }

    /// Every method on a server; the answers are those that the server gives.
    @Test func everyMethodIsUnderstood() async throws {
        let server = try await TestServer.withSomethingToTell()
        try await server.run(.live) { client async throws in
            let address = "http://localhost:\(try #require(client.port))"
            let answers = Interface.members(try await Self.printed("every_call.py", address))
            #expect(Set(answers.keys) == Set(Interface.operations.keys.map(Self.snake)).union(["error"]))
            for (id, operation) in Interface.operations {
                let answer = try #require(answers[Self.snake(id)])
                let schemas = operation.answers.map(Interface.schema)
                if schemas.isEmpty { continue }
                let required = schemas.map { Set(Interface.elements($0["required"]).compactMap(Interface.text)) }
                let names = Set(Interface.members(answer).keys)
                #expect(required.contains { $0.isSubset(of: names) } && !names.isEmpty, "\(id)")
            }
            for id in ["delete_item", "delete_follow", "delete_hidden"] { #expect(answers[id] == .null) }
            #expect(answers["post_events"]?["accepted"] == 1 && answers["post_impressions"]?["accepted"] == 1)
            #expect(answers["get_item"]?["attributes"] == ["Some_Name": 12.5, "live": true, "tags": ["a"]])
            #expect(answers["patch_item"]?["attributes"]?["Some_Name"] == 13)
            #expect(answers["list_events"]?["data"]?[0]?["event_id"] == "e/1")
            #expect(answers["get_open_api"]?.canonical == Interface.document.canonical)
            #expect(Interface.text(answers["get_metrics"])?.contains("cascade_http_requests_total") == true)
            let error = answers["error"]
            #expect(error?["status"] == 404 && error?["code"] == "not_found" && error?["errors"] == [])
            let text = try #require(Interface.text(error?["text"]))
            #expect(text.hasPrefix("404, not_found: ") && text.contains(Interface.text(error?["request_id"]) ?? "none"))
        }
        let slate = try #require(server.recommender.requests.map(\.request).first { $0.userID != nil })
        #expect(slate.context == ["Some_Key": "v"] && slate.filters.maxAgeSeconds == 9.5 && slate.events.count == 1)
        let event = try #require(await server.feedback.events["e/1"])
        #expect(event.occurredAt == Timestamp(rfc3339: "2026-01-02T03:04:05.25Z") && event.value == 1.5)
    }

    @Test func identifiersComeBackAsTheyWereSent() async throws {
        let server = TestServer()
        // Once each of those that Swift, and so the stores in memory, takes for the same text.
        let identifiers = SwiftClientListTests.identifiers.reduce(into: [String]()) { kept, identifier in
            if !kept.contains(identifier) { kept.append(identifier) }
        }
        let sent = JSONValue.array(identifiers.map { .string($0) })
        try await server.run(.live) { client async throws in
            let address = "http://localhost:\(try #require(client.port))"
            let answer = try await Self.printed(
                "round_trip.py", address, input: Data(JSONWriter.bytes(of: sent)))
            let found = Interface.elements(answer["found"])
            #expect(found.count == identifiers.count)
            for (row, identifier) in zip(found, identifiers) {
                let texts = Interface.elements(row).compactMap(Interface.text)
                #expect(texts.map { Array($0.utf8) } == Array(repeating: Array(identifier.utf8), count: 4))
            }
            let stored = await server.catalog.items().map { JSONValue.string($0.id.rawValue) }
            #expect(answer["rows"] == .array(stored))
            let pages = Interface.elements(answer["pages"])
            #expect(pages.count == (stored.count + 1) / 2 && pages.dropLast().allSatisfy { $0[1] != nil })
        }
        #expect(server.similar.requests.map { $0.excluded.map(\.rawValue) } == identifiers.map { [$0] })
    }

    /// Its own tests: what is sent again, and what errors say.
    @Test func itsOwnTestsPass() async throws {
        let ended = try await Python.run(["-m", "unittest", "discover", "-s", Python.tests])
        #expect(ended.code == 0, "\(ended.errors)")
        let count = ended.errors.firstMatch(of: /Ran ([0-9]+) tests/).flatMap { Int($0.1) }
        #expect(count.map { $0 >= 17 } == true, "\(ended.errors)")
    }
}
