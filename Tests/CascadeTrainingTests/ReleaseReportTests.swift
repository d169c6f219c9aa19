import CascadeCore
import Foundation
import Testing

@testable import CascadeTraining

@Suite struct ReleaseReportTests {
    private func progress(_ model: String, _ step: Int, _ loss: Float) -> TrainingReport {
        .progress(
            TrainingProgress(
                model: model, epoch: 1, epochs: 1, step: step, steps: 10_000, loss: loss, rowsPerSecond: 1))
    }

    @Test func curvesAreKeptByModel() {
        let collector = ReportCollector()
        collector.take(progress("retrieval", 1, 3))
        collector.take(progress("ranker", 5, 0.5))
        collector.take(progress("retrieval", 2, 2))
        collector.take(progress("retrieval", 3, .nan))
        collector.take(.step("something else"))
        let curves = collector.report.curves
        #expect(curves.map(\.model) == ["retrieval", "ranker"])
        #expect(curves[0].points == [.init(step: 1, loss: 3), .init(step: 2, loss: 2)])
    }

    /// However long a training is, its curve stays short, ends where the training ends, and has its mean.
    @Test func longCurvesAreThinned() throws {
        let collector = ReportCollector()
        for step in 1...3_207 { collector.take(progress("ranker", step, Float(step))) }
        let points = try #require(collector.report.curves.first).points
        #expect((100...ReportCollector.longest).contains(points.count))
        #expect(points.map(\.step) == points.map(\.step).sorted() && points.last?.step == 3_207)
        for (one, other) in zip(points, points.dropFirst()) {
            #expect(one.loss < other.loss && other.loss <= Double(other.step))
        }
    }

    @Test func itsKeysAreInSnakeCase() throws {
        var report = ReleaseReport()
        report.reliability = [
            .init(head: "click", served: Reliability(scores: [0.25, 0.75], labels: [false, true], bins: 2), raw: nil)
        ]
        #expect(
            try report.json() == """
                {"curves":[],"popularity":[],"reliability":[{"head":"click","served":{"bins":[\
                {"mean_prediction":0.25,"rate":0,"rows":1},{"mean_prediction":0.75,"rate":1,"rows":1}],"error":0.25}}]}
                """)
    }
}
