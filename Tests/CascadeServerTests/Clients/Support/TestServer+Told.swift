import CascadeCore
import CascadePipeline
import Foundation

@testable import CascadeServer

extension TestServer {
    /// A server that has something to tell for every operation.
    static func withSomethingToTell() async throws -> TestServer {
        let recommendation = EveryCall.identifier("recommendation_id")
        let trace = """
            {"request_id":"q","recommendation_id":"rec_1","user_id":"u","generated_at":"2026-01-01T00:00:00Z","pipeline":"home",
             "context":{"Some_Key":"v"},"requested":1,"returned":1,"degraded":[],"refill_rounds":0,"weights":{"click":1},
             "excluded_before_retrieval":{},"latency_ms":2.5,"stages":[],"candidates":[
              {"item_id":"i/1","sources":[{"name":"two_tower","rank":3,"score":0.5}],"heads":{"click":0.25},
               "final_score":0.75,"position":0}]}
            """
        let moment = Timestamp(milliseconds: 1_500)
        var server = TestServer()
        server.now = Timestamp(rfc3339: "2026-09-30T12:00:00Z") ?? .now
        server.releases = MemoryReleases(
            [
                Release(
                    id: EveryCall.identifier("release_id"), state: .retired, createdAt: moment, activatedAt: moment,
                    retrievalModelID: "two_1", rankerModelID: "rank_1", path: "", manifestChecksum: "abc",
                    configJSON: #"{"train":{"learning_rate":0.001,"Seeds":[1,9223372036854775807]}}"#,
                    metricsJSON: #"{"recall_at_100":0.25,"n":3,"none":null}"#)
            ],
            trainings: [ReleaseTraining(id: "t", beganAt: moment, heardAt: moment, configJSON: "{}")])
        server.traces.known[recommendation] = try JSONDecoder().decode(PipelineTrace.self, from: Data(trace.utf8))
        server.pages.keep(
            SlatePage(
                recommendationID: recommendation, userID: nil, createdAt: server.now,
                requestJSON: #"{"user_id":null}"#, shown: []))
        await server.eraser.know(
            EveryCall.identifier("user_id"),
            UserErasure(deletedRows: ["user_relations": 3], releaseID: "r", remains: [.interactions, .userID]))
        await server.jobs.say(JobLogLine(number: 1, attempt: 1, at: moment, text: "began"), of: "job_0")
        return server
    }
}
