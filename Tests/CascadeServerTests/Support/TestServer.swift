import CascadeCore
import CascadeObservability
import CascadePipeline
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore

@testable import CascadeServer

/// A server on stores in memory, with everything that a test may want to look at.
struct TestServer {
    let catalog = MemoryCatalog()
    let feedback = MemoryFeedback()
    var releases = MemoryReleases()
    var traces = MemoryTraces()
    let jobs = MemoryJobs()
    let ranker = StubRanker()
    let pages = MemoryPages()
    let idempotency = MemoryIdempotency()
    let relations = MemoryRelations()
    let hidden = MemoryHiddenItems()
    let eraser = MemoryEraser()
    var similar = StubSimilarItems()
    var recommender = StubRecommender()
    var explainer = StubExplainer()
    var readiness: any ReadinessProviding = StubReadiness()
    var settings = ServerSettings()
    var keys = KeyRing()
    var inspectorToken: InspectorToken?
    let registry = MetricRegistry()
    let log = MemorySink()
    var now = Timestamp(milliseconds: 1_060_000)
    var onListening: @Sendable (String, Int) async -> Void = { _, _ in }

    var dependencies: ServerDependencies {
        let now = now
        return ServerDependencies(
            settings: settings, keys: keys, recommender: recommender, ranker: ranker, explainer: explainer,
            pages: pages,
            similar: similar, catalog: catalog,
            relations: relations, hidden: hidden, eraser: eraser, feedback: feedback, releases: releases,
            releaseControl: StubReleaseControl(), jobs: jobs, idempotency: idempotency, statistics: StubStatistics(),
            traces: traces, readiness: readiness, metrics: registry,
            logger: LogSetup(format: .json, level: .debug, sink: log).logger("server"),
            inspectorToken: inspectorToken,
            classify: { $0 is StoreGone ? .unavailable("the database cannot be reached", retryAfter: 5) : nil },
            onListening: onListening, now: { now })
    }

    /// Runs `test` against the server, without a socket unless `setup` says so.
    func run(
        _ setup: TestingSetup = .router, _ test: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        try await buildApplication(dependencies: dependencies).test(setup, test)
    }
}

/// An answer in the parts that tests look at.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    /// The body, null when it is no JSON.
    var json: JSONValue { (try? JSONParser.parse(text)) ?? .null }

    /// Pointer and code of each error of a problem document or a batch answer.
    var errors: [String] {
        guard case .array(let list)? = json["errors"] else { return [] }
        return list.map { error in
            guard case .string(let pointer)? = error["pointer"], case .string(let code)? = error["code"] else {
                return ""
            }
            return "\(pointer) \(code)"
        }
    }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
}

extension TestClientProtocol {
    /// Sends a request; a body goes out as JSON unless `contentType` says otherwise.
    func send(
        _ method: HTTPRequest.Method, _ uri: String, _ body: String? = nil, headers: [String: String] = [:],
        contentType: String? = "application/json"
    ) async throws -> Answer {
        var fields = HTTPFields()
        if body != nil, let contentType { fields[.contentType] = contentType }
        for (name, value) in headers { HTTPField.Name(name).map { fields[$0] = value } }
        let response = try await executeRequest(
            uri: uri, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
        return Answer(
            status: response.status.code, headers: response.headers, text: String(buffer: response.body))
    }
}

typealias Method = HTTPRequest.Method
