import CascadeCore
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct JobRouteTests {
    @Test func queuesAJob() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let body =
                #"{"kind":"train","params":{"until":"2026-01-31T00:00:00Z","seed":7,"warm":true},"max_attempts":2}"#
            let answer = try await client.send(.post, "/v1/jobs", body)
            #expect(answer.status == 202)
            #expect(answer.header("Location") == "/v1/jobs/job_0")
            #expect(answer.json["state"] == "queued" && answer.json["max_attempts"] == 2)
            #expect(
                answer.json["params"] == ["seed": "7", "until": "2026-01-31T00:00:00Z", "warm": "true"])
            let usual = try await client.send(.post, "/v1/jobs", #"{"kind":"index_rebuild"}"#)
            #expect(usual.status == 202 && usual.json["max_attempts"] == 3)
        }
        #expect(await server.jobs.list.map(\.kind) == [.train, .indexRebuild])
    }

    @Test(arguments: [
        ("{}", "/kind missing"), (#"{"kind":"dance"}"#, "/kind invalid"), (#"{"kind":7}"#, "/kind wrong_type"),
        (#"{"kind":"train","params":{"colour":"red"}}"#, "/params/colour unknown_member"),
        (#"{"kind":"train","params":{"until":"soon"}}"#, "/params/until invalid"),
        (#"{"kind":"train","params":{"seed":1.5}}"#, "/params/seed wrong_type"),
        (#"{"kind":"import","params":{"dataset":"d"}}"#, "/params/path missing"),
        (#"{"kind":"train","max_attempts":0}"#, "/max_attempts out_of_range"),
        (#"{"kind":"train","parms":{}}"#, "/parms unknown_member"),
    ])
    func refusesWhatNoWorkerCanDo(body: String, error: String) async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let answer = try await client.send(.post, "/v1/jobs", body)
            #expect(answer.status == 400)
            #expect(answer.errors == [error])
        }
        #expect(await server.jobs.list.isEmpty)
    }

    @Test func listsInPages() async throws {
        let server = TestServer()
        for _ in 0..<5 { _ = await server.jobs.add(.evaluate, params: [:], maxAttempts: 1) }
        await server.jobs.set("job_3") { $0.state = .failed }
        try await server.run { client async throws in
            let first = try await client.send(.get, "/v1/jobs?limit=2").json
            #expect(first["data"]?[0]?["job_id"] == "job_4" && first["data"]?[1]?["job_id"] == "job_3")
            guard case .string(let cursor)? = first["next_cursor"] else { return #expect(Bool(false)) }
            let second = try await client.send(.get, "/v1/jobs?limit=2&cursor=\(cursor)").json
            #expect(second["data"]?[0]?["job_id"] == "job_2")
            let failed = try await client.send(.get, "/v1/jobs?state=failed").json
            #expect(failed["data"]?[0]?["job_id"] == "job_3" && failed["data"]?[1] == nil)
            #expect(try await client.send(.get, "/v1/jobs?state=failed&cursor=\(cursor)").status == 400)
            #expect(try await client.send(.get, "/v1/jobs?state=lost").errors == ["/query/state invalid"])
        }
    }

    @Test func showsAJobWithItsLog() async throws {
        let server = TestServer()
        _ = await server.jobs.add(.train, params: [:], maxAttempts: 1)
        for number in 1...3 {
            await server.jobs.say(
                JobLogLine(number: Int64(number), attempt: 1, at: Timestamp(milliseconds: 0), text: "line \(number)"),
                of: "job_0")
        }
        try await server.run { client async throws in
            #expect(try await client.send(.get, "/v1/jobs/job_0").json["log"] == nil)
            let log = try await client.send(.get, "/v1/jobs/job_0?log_limit=1&log_after=1").json["log"]
            #expect(log == [["number": 2, "attempt": 1, "at": "1970-01-01T00:00:00Z", "text": "line 2"]])
            #expect(try await client.send(.get, "/v1/jobs/none").status == 404)
            #expect(try await client.send(.get, "/v1/jobs/job_0?log_limit=1001").status == 400)
        }
    }

    @Test func givesAJobUpOnce() async throws {
        let server = TestServer()
        _ = await server.jobs.add(.train, params: [:], maxAttempts: 1)
        try await server.run { client async throws in
            let answer = try await client.send(.post, "/v1/jobs/job_0/cancel")
            #expect(answer.status == 200 && answer.json["state"] == "cancelled")
            let again = try await client.send(.post, "/v1/jobs/job_0/cancel")
            #expect(again.status == 409 && again.json["code"] == "conflict" && again.text.contains("cancelled"))
            #expect(try await client.send(.post, "/v1/jobs/none/cancel").status == 404)
        }
    }
}
