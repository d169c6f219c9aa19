import CascadeCore
import Foundation
import Synchronization

/// What a training and the evaluation of its release looked like, for pictures of them; kept with the release.
package struct ReleaseReport: Codable, Sendable, Equatable {
    /// How the loss of a model fell.
    package struct Curve: Codable, Sendable, Equatable {
        package struct Point: Codable, Sendable, Equatable {
            package let step: Int
            /// Mean loss since the point before.
            package let loss: Double
        }

        package let model: String
        package var points: [Point]
    }

    /// How the probabilities of a head stand to what happened.
    package struct Head: Codable, Sendable, Equatable {
        package let head: String
        /// Of what is served.
        package let served: Reliability
        /// Of what the ranker itself says, where that is another thing.
        package let raw: Reliability?
    }

    /// How the lists of a way to retrieve are spread over the catalog.
    package struct Spread: Codable, Sendable, Equatable {
        package let name: String
        package let popularity: PopularityReport
    }

    package var curves: [Curve] = []
    package var reliability: [Head] = []
    package var popularity: [Spread] = []

    /// JSON with keys in snake case.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// Gathers a report from what a training tells; may be told from any thread.
final class ReportCollector: Sendable {
    /// A curve that grows longer is thinned to half.
    static let longest = 400

    private let state = Mutex(ReleaseReport())

    var report: ReleaseReport { state.withLock { $0 } }

    /// The report as JSON; nil where it holds a number that JSON cannot: no training fails for a picture.
    var json: String? { try? report.json() }

    func take(_ told: TrainingReport) {
        switch told {
        case .progress(let progress): state.withLock { $0.add(progress) }
        case .evaluation(let evaluation): state.withLock { $0.add(evaluation) }
        default: break
        }
    }
}

extension ReleaseReport {
    fileprivate mutating func add(_ progress: TrainingProgress) {
        guard progress.loss.isFinite else { return }
        let place = curves.firstIndex { $0.model == progress.model } ?? curves.endIndex
        if place == curves.endIndex { curves.append(Curve(model: progress.model, points: [])) }
        curves[place].points.append(Curve.Point(step: progress.step, loss: Double(progress.loss)))
        if curves[place].points.count > ReportCollector.longest { curves[place].thin() }
    }

    fileprivate mutating func add(_ evaluation: EvaluationReport) {
        reliability = evaluation.heads.filter { !$0.figures.reliability.bins.isEmpty }.map {
            Head(head: $0.head, served: $0.figures.reliability, raw: $0.raw?.reliability)
        }
        popularity = (evaluation.retrieval?.results ?? []).map { Spread(name: $0.name, popularity: $0.popularity) }
    }
}

extension ReleaseReport.Curve {
    /// Two neighbours become one point at the later step, with the mean of their losses.
    fileprivate mutating func thin() {
        points = stride(from: 0, to: points.count, by: 2).map { place in
            guard place + 1 < points.count else { return points[place] }
            let (one, other) = (points[place], points[place + 1])
            return Point(step: other.step, loss: (one.loss + other.loss) / 2)
        }
    }
}
