package import CascadeCore
package import Foundation

/// A whole evaluation as JSON. The keys are part of what the program promises: new ones come, none goes or changes.
package struct EvaluationDocument: Encodable {
    private let release: String
    private let from: String?
    private let until: String?
    private let history: HistoryMode
    private let heads: [Head]
    /// Nil for a release without value heads.
    private let values: [ValueMetrics]?
    private let importance: FeatureImportance?
    private let retrieval: Retrieval?
    /// The figures by name, as they are kept with a release.
    private let figures: [String: Double]

    private struct Head: Encodable {
        let head: String
        let figures: RankerFigures
        let raw: CalibrationFigures?
        let slices: [Slice]
    }

    private struct Slice: Encodable {
        let name: String
        let title: String
        let rows: Int
        let positives: Int
        let isTooSmall: Bool
        let figures: RankerFigures?
    }

    private struct Retrieval: Encodable {
        let signal: String
        let users: Int
        let targets: Int
        let cutoffs: [Int]
        let gainCutoffs: [Int]
        let members: [RetrievalMetrics]
        /// Nil where none is.
        let omitted: [String]?
        let intent: IntentReport?
        let slates: [SlateMetrics]
    }

    package init(_ report: EvaluationReport, release: String, period: Period) {
        self.release = release
        from = period.from?.rfc3339
        until = period.until?.rfc3339
        history = report.history
        heads = report.heads.map { head in
            Head(
                head: head.head, figures: head.figures, raw: head.raw,
                slices: head.slices.map {
                    Slice(
                        name: $0.name, title: $0.title, rows: $0.rows, positives: $0.positives,
                        isTooSmall: $0.isTooSmall, figures: $0.figures)
                })
        }
        values = report.values.isEmpty ? nil : report.values
        importance = report.importance
        retrieval = report.retrieval.map {
            Retrieval(
                signal: $0.signal, users: $0.users, targets: $0.targets, cutoffs: RetrievalEvaluation.cutoffs,
                gainCutoffs: RetrievalEvaluation.gainCutoffs, members: $0.results,
                omitted: $0.omitted.isEmpty ? nil : $0.omitted, intent: $0.intent,
                slates: $0.slates)
        }
        figures = report.numbers
    }

    /// Indented, with keys in snake case and sorted: equal reports are equal bytes.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(self)
    }
}
