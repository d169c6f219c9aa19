import CascadeCore
import CascadeObservability
import Foundation
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct InspectionRouteTests {
    @Test func showsThePipeline() async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.get, "/v1/pipeline")
            #expect(answer.status == 200)
            #expect(
                answer.json == [
                    "pipeline": "recommend", "result_size": ["default": 20, "max": 200], "timeout_ms": 400,
                    "stages": [
                        [
                            "stage": "query_hydrator",
                            "components": [["name": "history", "enabled": true, "parameters": [:]]],
                        ],
                        [
                            "stage": "source",
                            "components": [
                                ["name": "two_tower", "enabled": true, "parameters": ["limit": "400"]],
                                ["name": "popular", "enabled": false, "parameters": [:]],
                            ],
                        ],
                        ["stage": "filter", "components": [["name": "seen", "enabled": true, "parameters": [:]]]],
                    ],
                ])
        }
    }

    @Test func listsAndShowsReleases() async throws {
        var server = TestServer()
        let release = Release(
            id: "rel/2", state: .active, createdAt: Timestamp(milliseconds: 0),
            activatedAt: Timestamp(milliseconds: 1000),
            retrievalModelID: "two_1", rankerModelID: "rank_1", path: "secret/folder", manifestChecksum: "abc",
            configJSON: #"{"dim":64}"#, metricsJSON: #"{"ndcg":0.5}"#)
        var older = release
        older.id = "rel_1"
        older.state = .retired
        older.activatedAt = nil
        older.metricsJSON = "not json"
        server.releases = MemoryReleases(
            [release, older],
            trainings: [
                ReleaseTraining(
                    id: "rel_3", beganAt: Timestamp(milliseconds: 1000), heardAt: Timestamp(milliseconds: 2000),
                    configJSON: #"{"dim":8}"#, jobID: "job_1")
            ])
        try await server.run { client in
            let list = try await client.send(.get, "/v1/releases")
            #expect(list.status == 200)
            #expect(
                list.text == """
                    {"data":[{"release_id":"rel_3","state":"training","created_at":"1970-01-01T00:00:01Z",\
                    "heard_at":"1970-01-01T00:00:02Z","job_id":"job_1","failure":null},{"release_id":"rel/2","state":"active","created_at":"1970-01-01T00:00:00Z",\
                    "activated_at":"1970-01-01T00:00:01Z","retrieval_model_id":"two_1","ranker_model_id":"rank_1",\
                    "manifest_sha256":"abc","metrics":{"ndcg":0.5}},{"release_id":"rel_1","state":"retired",\
                    "created_at":"1970-01-01T00:00:00Z","activated_at":null,"retrieval_model_id":"two_1",\
                    "ranker_model_id":"rank_1","manifest_sha256":"abc","metrics":null}],"next_cursor":null}
                    """)
            let one = try await client.send(.get, "/v1/releases/rel%2F2")
            #expect(one.json["release_id"] == "rel/2")
            #expect(one.json["config"] == ["dim": 64])
            #expect(!one.text.contains("secret"))
            #expect(try await client.send(.get, "/v1/releases/rel_3").json["config"] == ["dim": 8])
            #expect(try await client.send(.get, "/v1/releases/none").status == 404)
            #expect(try await client.send(.get, "/v1/releases/a%00").status == 400)
        }
    }

    @Test func lives() async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.get, "/health/live")
            #expect(answer.status == 200)
            #expect(answer.text == #"{"status":"ok"}"#)
        }
    }

    @Test func isReady() async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.get, "/health/ready")
            #expect(answer.status == 200)
            #expect(
                answer.json == [
                    "status": "ready",
                    "checks": [
                        ["name": "postgres", "status": "ok", "detail": nil],
                        ["name": "release", "status": "ok", "detail": nil],
                    ],
                    "release_id": "rel_42",
                    "index": [
                        "version": "idx_1", "items": 3, "built_at": "1970-01-01T00:16:40Z", "age_seconds": 60,
                    ],
                    "model": [
                        "version": "rank_1", "retrieval_version": "two_1", "trained_at": "1970-01-01T00:16:30Z",
                        "age_seconds": 70,
                    ],
                ])
        }
    }

    @Test func degradedIsReadyAndFailedIsNot() async throws {
        typealias Status = ReadinessReport.Status
        for (status, code, word) in [(Status.degraded, 200, "degraded"), (.failed, 503, "not_ready")] {
            var server = TestServer()
            server.readiness = StubReadiness(
                report: ReadinessReport(checks: [
                    .init(name: "postgres", status: .ok), .init(name: "release", status: status, detail: "why"),
                ]))
            try await server.run { client in
                let answer = try await client.send(.get, "/health/ready")
                #expect(answer.status == code)
                #expect(answer.json["status"] == .string(word))
                #expect(answer.json["checks"]?[1]?["detail"] == "why")
                #expect(answer.json["release_id"] == JSONValue.null)
                #expect(answer.json["index"] == JSONValue.null)
            }
        }
    }

    @Test func hangingChecksAreNotReady() async throws {
        struct Hanging: ReadinessProviding {
            func readiness() async -> ReadinessReport {
                try? await Task.sleep(for: .seconds(60))
                return ReadinessReport(checks: [])
            }
        }
        var server = TestServer()
        server.readiness = Hanging()
        try await server.run { client in
            let answer = try await client.send(.get, "/health/ready")
            #expect(answer.status == 503)
            #expect(answer.json["status"] == "not_ready")
        }
    }

    @Test func countsByRouteAndNeverByPath() async throws {
        let server = TestServer()
        try await server.run { client in
            _ = try await client.send(.get, "/v1/items/private%2Fid")
            _ = try await client.send(.put, "/v1/items/private%2Fid", "{}")
            _ = try await client.send(.delete, "/v1/items/private%2Fid")
            _ = try await client.send(.get, "/no/such/private")
            _ = try await client.send(Method("BREW")!, "/v1/pipeline")
            let answer = try await client.send(.get, "/metrics")
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
            for line in [
                #"cascade_http_requests_total{route="/v1/items/{item_id}",method="GET",status="404"} 1"#,
                #"cascade_http_requests_total{route="/v1/items/{item_id}",method="PUT",status="201"} 1"#,
                #"cascade_http_requests_total{route="/v1/items/{item_id}",method="DELETE",status="204"} 1"#,
                #"cascade_http_requests_total{route="none",method="GET",status="404"} 1"#,
                #"cascade_http_requests_total{route="/v1/pipeline",method="other",status="405"} 1"#,
                #"cascade_http_request_duration_seconds_count{route="/v1/items/{item_id}"} 3"#,
            ] {
                #expect(answer.text.contains(line + "\n"), "\(line)")
            }
            #expect(!answer.text.contains("private"))
        }
    }

    @Test func logsOneLineARequest() async throws {
        let server = TestServer()
        try await server.run { client in
            _ = try await client.send(.get, "/v1/items/private", headers: ["X-Request-ID": "abc"])
            _ = try await client.send(.get, "/health/live")
        }
        let lines = server.log.lines.compactMap { try? JSONParser.parse($0.trimmingCharacters(in: .newlines)) }
        let access = lines.filter { $0["msg"] == "request" }
        #expect(access.count == 2)
        #expect(access[0]["route"] == "/v1/items/{item_id}")
        #expect(access[0]["method"] == "GET")
        #expect(access[0]["status"] == 404)
        #expect(access[0]["request_id"] == "abc")
        #expect(access[0]["level"] == "info")
        #expect(access[0]["latency_ms"] != nil)
        #expect(access[1]["level"] == "debug")
    }
}
