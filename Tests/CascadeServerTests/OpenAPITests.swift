import CascadeCore
import CascadePipeline
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct OpenAPITests {
    private static let document = (try? JSONParser.parse(OpenAPIDocument.text(maximumResults: 200))) ?? .null

    private static func names(_ value: JSONValue?) -> Set<String> {
        guard case .object(let members)? = value else { return [] }
        return Set(members.map(\.name))
    }

    private static func properties(_ schema: String) -> Set<String> {
        names(document["components"]?["schemas"]?[schema]?["properties"])
    }

    @Test func isServed() async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.get, "/v1/openapi.json")
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "application/json")
            #expect(answer.json == Self.document)
            #expect(answer.json["openapi"] == "3.1.0")
        }
    }

    @Test func hasTheRoutesOfTheServer() {
        let server = TestServer()
        let routes = Routes.all(server.dependencies, HTTPMetrics(registry: server.registry))
        let served = Set(routes.map { "\($0.method.rawValue.lowercased()) \($0.template)" })
        var described: Set<String> = []
        for path in Self.names(Self.document["paths"]) {
            let members = Self.names(Self.document["paths"]?[path]).subtracting(["parameters"])
            for method in members { described.insert("\(method) \(path)") }
        }
        #expect(described == served)
    }

    /// Which writes can be named, and which answers revalidated.
    @Test func operationsHaveTheHeadersOfTheirRoutes() {
        let server = TestServer()
        for route in Routes.all(server.dependencies, HTTPMetrics(registry: server.registry)) {
            let operation = Self.document["paths"]?[route.template]?[route.method.rawValue.lowercased()]
            guard case .array(let parameters) = operation?["parameters"] ?? [] else {
                return #expect(Bool(false), "\(route.template)")
            }
            func takes(_ name: String) -> Bool {
                parameters.contains { $0["$ref"] == .string("#/components/parameters/\(name)") }
            }
            #expect(takes("IdempotencyKey") == route.takesIdempotencyKey, "\(route.template)")
            #expect(takes("IfNoneMatch") == route.isRevalidated, "\(route.template)")
            #expect((operation?["responses"]?["304"] != nil) == route.isRevalidated, "\(route.template)")
        }
    }

    @Test func referencesLeadSomewhere() {
        var references: Set<String> = []
        func visit(_ value: JSONValue) {
            switch value {
            case .object(let members):
                for member in members {
                    if member.name == "$ref", case .string(let text) = member.value { references.insert(text) }
                    visit(member.value)
                }
            case .array(let elements): elements.forEach(visit)
            default: break
            }
        }
        visit(Self.document)
        #expect(references.count > 10)
        for reference in references {
            let target = reference.split(separator: "/").dropFirst().reduce(Self.document as JSONValue?) {
                $0?[String($1)]
            }
            #expect(target != nil, "\(reference)")
        }
    }

    /// A refused member's problem lists the members that are known; they must be those of the schema.
    @Test(arguments: [
        (Method.post, "/v1/recommendations", #"{"user_id":"u","?":1}"#, "RecommendRequest"),
        (.post, "/v1/recommendations", #"{"user_id":"u","filters":{"?":1}}"#, "Filters"),
        (.post, "/v1/recommendations", #"{"user_id":"u","diversity":{"?":1}}"#, "Diversity"),
        (.post, "/v1/events", #"{"events":[{"type":"a","user_id":"u","item_id":"i"}],"?":1}"#, "EventBatch"),
        (.post, "/v1/events", #"{"events":[{"type":"a","user_id":"u","item_id":"i","?":1}]}"#, "Event"),
        (.post, "/v1/impressions", #"{"impressions":[{"user_id":"u","items":[{"item_id":"i"}],"?":1}]}"#, "Impression"),
        (.post, "/v1/impressions", #"{"impressions":[{"user_id":"u","items":[{"item_id":"i","?":1}]}]}"#, "ShownItem"),
        (.put, "/v1/items/i", #"{"?":1}"#, "ItemBody"), (.put, "/v1/users/u", #"{"?":1}"#, "UserBody"),
        (.patch, "/v1/items/i", #"{"?":1}"#, "ItemPatch"), (.patch, "/v1/users/u", #"{"?":1}"#, "UserPatch"),
        (.post, "/v1/items", #"{"items":[{"item_id":"i"}],"?":1}"#, "ItemBatch"),
        (.post, "/v1/rank", #"{"user_id":"u","item_ids":["i"],"?":1}"#, "RankRequest"),
        (.post, "/v1/users", #"{"users":[{"user_id":"u"}],"?":1}"#, "UserBatch"),
        (.post, "/v1/items", #"{"items":[{"item_id":"i","?":1}]}"#, "WrittenItem"),
        (.post, "/v1/users", #"{"users":[{"user_id":"u","?":1}]}"#, "User"),
    ])
    func requestsHaveTheMembersOfTheSchema(method: Method, path: String, body: String, schema: String) async throws {
        let server = TestServer()
        _ = try await server.catalog.put(Item(id: ItemID("i")))
        _ = try await server.catalog.put(User(id: UserID("u")))
        try await server.run { client in
            let answer = try await client.send(method, path, body)
            guard case .string(let detail)? = answer.json["errors"]?[0]?["detail"] else {
                return #expect(Bool(false), "\(answer.text)")
            }
            let known = detail.split(separator: "known are: ").last.map { $0.split(separator: ", ").map(String.init) }
            // What stands in the path may stand in the body too.
            let named: Set<String> = method == .post ? [] : [path.hasPrefix("/v1/items") ? "item_id" : "user_id"]
            #expect(Set(known ?? []) == Self.properties(schema).union(named))
        }
    }

    /// The same of jobs, whose parameters are those of their kind.
    @Test func jobsHaveTheMembersOfTheSchema() async throws {
        guard case .array(let kinds)? = Self.document["components"]?["schemas"]?["JobRequest"]?["oneOf"] else {
            return #expect(Bool(false))
        }
        #expect(
            kinds.compactMap { $0["properties"]?["kind"]?["const"] } == JobKind.allCases.map { .string($0.rawValue) })
        try await TestServer().run { client async throws in
            for (kind, schema) in zip(JobKind.allCases, kinds) {
                func known(_ body: String) async throws -> Set<String> {
                    let answer = try await client.send(.post, "/v1/jobs", body)
                    guard case .string(let detail)? = answer.json["errors"]?[0]?["detail"] else { return [] }
                    let words = detail.split(separator: body.contains("params") ? "it has " : "known are: ").last ?? ""
                    return Set(words.split(separator: ", ").map(String.init))
                }
                let body = #""kind":"\#(kind.rawValue)""#
                #expect(try await known("{\(body),\"?\":1}") == Self.names(schema["properties"]))
                #expect(
                    try await known("{\(body),\"params\":{\"?\":1}}")
                        == Self.names(schema["properties"]?["params"]?["properties"]))
            }
        }
    }

    /// A refused parameter's problem lists those that are known; they must be those of the document.
    @Test(arguments: [
        "/v1/items", "/v1/users", "/v1/users/{user_id}/events", "/v1/users/{user_id}/hidden",
        "/v1/users/{user_id}/follows", "/v1/users/{user_id}/recommendations", "/v1/items/{item_id}/similar",
        "/v1/jobs", "/v1/jobs/{job_id}",
    ])
    func listsTakeTheParametersOfTheDocument(template: String) async throws {
        guard case .array(let list)? = Self.document["paths"]?[template]?["get"]?["parameters"] else {
            return #expect(Bool(false), "\(template)")
        }
        let named = list.map { parameter -> JSONValue in
            guard case .string(let reference)? = parameter["$ref"] else { return parameter }
            return Self.document["components"]?["parameters"]?[String(reference.split(separator: "/").last ?? "")]
                ?? .null
        }
        let described = named.filter { $0["in"] == "query" }.compactMap { $0["name"] }
        try await TestServer().run { client async throws in
            let path = template.replacing("{user_id}", with: "u").replacing("{item_id}", with: "i")
                .replacing("{job_id}", with: "j")
            let answer = try await client.send(.get, path + "?unheard_of=1")
            guard case .string(let detail)? = answer.json["errors"]?[0]?["detail"] else {
                return #expect(Bool(false), "\(answer.text)")
            }
            let known = detail.split(separator: "known are: ").last.map { $0.split(separator: ", ").map(String.init) }
            #expect(Set((known ?? []).map { JSONValue.string($0) }) == Set(described))
        }
    }

    @Test func rowsOfListsHaveTheMembersOfTheSchema() async throws {
        let server = TestServer()
        await server.eraser.know("u", UserErasure(deletedRows: ["users": 1], releaseID: "r", remains: [.userID]))
        try await server.run { client async throws in
            _ = try await client.send(.post, "/v1/items", #"{"items":[{"item_id":"i"}]}"#)
            _ = try await client.send(.post, "/v1/users", #"{"users":[{"user_id":"u"}]}"#)
            _ = try await client.send(.post, "/v1/events", #"{"events":[{"type":"a","user_id":"u","item_id":"i"}]}"#)
            let hidden = try await client.send(.put, "/v1/users/u/hidden/i").json
            #expect(Self.names(hidden) == Self.properties("Hidden"))
            for (path, list, row) in [
                ("/v1/items", "ItemList", "Item"), ("/v1/users", "UserList", "User"),
                ("/v1/users/u/events", "EventList", "StoredEvent"), ("/v1/users/u/hidden", "HiddenList", "HiddenItem"),
            ] {
                let answer = try await client.send(.get, path)
                #expect(Self.names(answer.json) == Self.properties(list))
                #expect(Self.names(answer.json["data"]?[0]) == Self.properties(row), "\(row)")
            }
            #expect(Self.names(try await client.send(.patch, "/v1/items/i", "{}").json) == Self.properties("Item"))
            #expect(Self.names(try await client.send(.patch, "/v1/users/u", "{}").json) == Self.properties("User"))
            #expect(Self.names(try await client.send(.delete, "/v1/users/u").json) == Self.properties("Erasure"))
            let lines = try await client.send(.post, "/v1/items", "7", contentType: "application/x-ndjson").json
            #expect(Self.names(lines) == Self.properties("BatchOutcome"))
            #expect(Self.names(lines["errors"]?[0]) == Self.properties("RowError"))
        }
        let remains = Self.document["components"]?["schemas"]?["Erasure"]?["properties"]?["remains"]?["items"]?["enum"]
        #expect(remains == .array(UserErasure.Remains.allCases.map { .string($0.rawValue) }))
    }

    @Test func answersHaveTheMembersOfTheSchema() async throws {
        try await TestServer().run { client in
            let body = #"{"user_id":"u","include":["scores","reasons","attributes"],"debug":true}"#
            let slate = try await client.send(.post, "/v1/recommendations", body).json
            #expect(Self.names(slate) == Self.properties("Recommendation").subtracting(["next"]))
            let ranking = try await client.send(.post, "/v1/rank", #"{"user_id":"u","item_ids":["i"]}"#).json
            #expect(Self.names(ranking) == Self.properties("Ranking").subtracting(["trace"]))
            #expect(Self.names(ranking["items"]?[0]) == Self.properties("RankedItem"))
            #expect(Self.names(slate["items"]?[0]) == Self.properties("RecommendedItem"))
            let batch = try await client.send(
                .post, "/v1/events", #"{"events":[{"type":"a","user_id":"u","item_id":"i"}]}"#)
            #expect(Self.names(batch.json) == Self.properties("BatchOutcome"))
            for (path, schema) in [
                ("/none", "Problem"), ("/v1/pipeline", "Pipeline"), ("/v1/releases", "ReleaseList"),
                ("/health/live", "Live"), ("/health/ready", "Readiness"), ("/v1/items/i/similar", "SimilarItems"),
                ("/v1/users/u/follows", "FollowList"),
            ] {
                let answer = try await client.send(.get, path)
                #expect(Self.names(answer.json) == Self.properties(schema), "\(schema)")
            }
            let similar = try await client.send(.get, "/v1/items/i/similar").json["items"]?[0]
            #expect(Self.names(similar) == Self.properties("SimilarItem"))
            #expect(
                Self.names(similar?["sources"]?[0])
                    == Self.properties("SourceMark").subtracting(["because", "interest"]))
            let marks = slate["items"]?[0]?["sources"]
            #expect(Self.names(marks?[2]) == Self.properties("SourceMark").subtracting(["because"]))
            #expect(Self.names(marks?[2]?["interest"]) == Self.properties("InterestMark"))
            #expect(Self.names(try await client.send(.put, "/v1/users/u/follows/c").json) == Self.properties("Follow"))
            #expect(Self.names(try await client.send(.put, "/v1/items/i", "{}").json) == Self.properties("Item"))
            #expect(Self.properties("WrittenItem") == Self.properties("Item").union(["vectors"]))
            #expect(Self.properties("ItemBody") == Self.properties("WrittenItem").subtracting(["item_id"]))
            #expect(Self.properties("UserBody") == Self.properties("User").subtracting(["user_id"]))
            #expect(Self.names(try await client.send(.put, "/v1/users/u", "{}").json) == Self.properties("User"))
        }
    }

    @Test func whatOperatorsGetHasTheMembersOfTheSchema() async throws {
        let server = TestServer()
        _ = await server.jobs.add(.train, params: [:], maxAttempts: 1)
        let moment = Timestamp(milliseconds: 0)
        let built = Release(
            id: "r", state: .ready, createdAt: moment, activatedAt: nil, retrievalModelID: "two_1", rankerModelID: nil,
            path: "", manifestChecksum: "abc", configJSON: "{}", metricsJSON: "{}")
        await server.releases.register(built, models: [], report: nil)
        await server.releases.begin(ReleaseTraining(id: "t", beganAt: moment, heardAt: moment, configJSON: "{}"))
        await server.jobs.say(
            JobLogLine(number: 1, attempt: 1, at: Timestamp(milliseconds: 0), text: "t"), of: "job_0")
        try await server.run { client in
            let job = try await client.send(.get, "/v1/jobs/job_0?log_limit=1").json
            #expect(Self.names(job) == Self.properties("Job"))
            #expect(Self.names(job["log"]?[0]) == Self.properties("JobLine"))
            #expect(Self.names(try await client.send(.get, "/v1/jobs").json) == Self.properties("JobList"))
            let training = try await client.send(.get, "/v1/releases/t").json
            #expect(Self.names(training) == Self.properties("ReleaseTraining"))
            let release = try await client.send(.post, "/v1/releases/r/activate").json
            #expect(Self.names(release) == Self.properties("Release").subtracting(["config", "report"]))
            let made = try await client.send(.get, "/v1/releases/r").json
            #expect(Self.names(made) == Self.properties("Release"))
            let figures = try await client.send(.get, "/v1/stats").json
            #expect(Self.names(figures) == Self.properties("Statistics"))
            #expect(Self.names(figures["rows"]) == Self.properties("RowStatistics"))
            #expect(Self.names(figures["active_release"]) == Self.properties("ReleaseStatistics"))
            #expect(Self.names(figures["jobs"]) == Self.properties("JobStatistics"))
            let schema = Self.document["components"]?["schemas"]
            for part in ["database", "counters"] {
                let described = Self.names(schema?["Statistics"]?["properties"]?[part]?["properties"])
                #expect(Self.names(figures[part]) == described)
            }
            for part in ["schedules", "workers"] {
                let list = schema?["JobStatistics"]?["properties"]?[part]?["items"]?["properties"]
                #expect(Self.names(figures["jobs"]?[part]?[0]) == Self.names(list))
            }
        }
    }

    @Test func wordsAreThoseOfTheProgram() {
        let schemas = Self.document["components"]?["schemas"]
        #expect(
            schemas?["Problem"]?["properties"]?["code"]?["enum"]
                == .array(ProblemCode.allCases.map { .string($0.rawValue) }))
        #expect(
            schemas?["RankedItem"]?["properties"]?["status"]?["enum"]
                == .array(RankedItem.Status.allCases.map { .string($0.rawValue) }))
    }
}
