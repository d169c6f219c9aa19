import CascadeCore
import CascadeObservability
import CascadePipeline
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What operators and probes ask for: the pipeline, figures, health and metrics.
struct InspectionController: Sendable {
    /// The longest that a probe waits for the parts of the server.
    static let longestCheck = Duration.seconds(2)

    let recommender: any Recommending
    let statistics: any StatisticsReading
    let readiness: any ReadinessProviding
    let registry: MetricRegistry
    let now: @Sendable () -> Timestamp

    func getPipeline(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        return .json(PipelineDocument.json(recommender.settings, recommender.components()))
    }

    func getStatistics(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = try encoder.encode(try await statistics.statistics())
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    func getOpenAPI(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(
                byteBuffer: ByteBuffer(
                    string: OpenAPIDocument.text(maximumResults: recommender.settings.resultSize.max))))
    }

    func getLive(_ call: Call) async throws -> Response { .json(["status": "ok"]) }

    func getReady(_ call: Call) async throws -> Response {
        let report: ReadinessReport
        do {
            report = try await withDeadline(.now + Self.longestCheck) { await readiness.readiness() }
        } catch let failure as RequestFailure where failure.code == .deadlineExceeded {
            report = ReadinessReport(checks: [
                .init(name: "checks", status: .failed, detail: "the checks took longer than \(Self.longestCheck)")
            ])
        }
        let status: HTTPResponse.Status = report.status == .failed ? .serviceUnavailable : .ok
        var response = Response.json(ReadinessDocument.json(of: report, now: now()), status: status)
        response.headers[.cacheControl] = "no-store"
        return response
    }

    func getMetrics(_ call: Call) async throws -> Response {
        Response(
            status: .ok, headers: [.contentType: PrometheusText.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: registry.text())))
    }
}
