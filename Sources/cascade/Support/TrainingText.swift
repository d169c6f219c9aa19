import CascadeFeatures
import CascadeTraining
import Foundation

/// What a training run and an evaluation say on the terminal.
enum TrainingText {
    static func show(_ report: TrainingReport) {
        switch report {
        case .step(let text): Terminal.note("· \(text)")
        case .data(let data):
            Terminal.note(
                "  \(data.log.count) interactions, \(data.rows.users.count) users, \(data.rows.items.count) items; "
                    + "heads: \(data.map.heads.isEmpty ? "none" : data.map.heads.joined(separator: ", "))"
                    + (data.map.valueHeads.isEmpty
                        ? "" : "; values: \(data.map.valueHeads.map(\.name).joined(separator: ", "))"))
        case .progress(let progress):
            Terminal.note(
                String(
                    format: "  %@ epoch %d/%d step %d/%d loss %.4f %.0f rows/s", progress.model, progress.epoch,
                    progress.epochs, progress.step, progress.steps, progress.loss, progress.rowsPerSecond))
        case .trained(let model, let summary) where summary.rows == 0:
            Terminal.out(String(format: "%@: trained before, last loss %.4f", model, summary.loss))
        case .trained(let model, let summary):
            Terminal.out(
                String(
                    format: "%@: %d rows in %.1f s, %.0f rows/s, last loss %.4f", model, summary.rows, summary.seconds,
                    summary.rowsPerSecond, summary.loss))
        case .promotion(let verdict): for line in verdict.lines { Terminal.out(line) }
        case .scoring(let model, let milliseconds):
            Terminal.out(
                String(
                    format: "%@: %d candidates scored in %.2f ms on one thread", model, ScoringTime.candidates,
                    milliseconds))
        case .noRanker:
            Terminal.out(
                "ranker: none, since no feedback signal has enough impressions with and without it (features.minimum_positives);"
                    + " slates keep the order of the sources")
        case .index(let items, let seconds, let recall):
            Terminal.out(
                String(
                    format: "index: %d items in %.2f s, recall@100 against exact search %.4f", items, seconds, recall))
        case .evaluation(let report): Terminal.out(text(of: report))
        }
    }

    /// The figures as a table.
    static func text(of report: EvaluationReport) -> String {
        var lines = ["ranker, \(report.history.rawValue) pasts\(report.heads.isEmpty ? ": the release has none" : ":")"]
        lines += RankerText.lines(of: report)
        guard let retrieval = report.retrieval else { return lines.joined(separator: "\n") }
        guard retrieval.users > 0 else {
            lines.append("retrieval of \(retrieval.signal): no item to be found in the period")
            return lines.joined(separator: "\n")
        }
        let titles =
            RetrievalEvaluation.cutoffs.map { "recall@\($0)" } + RetrievalEvaluation.gainCutoffs.map { "ndcg@\($0)" }
        lines.append(
            "retrieval of \(retrieval.signal), frozen pasts, \(retrieval.users) users, \(retrieval.targets) targets:"
        )
        lines.append("  \(pad("", 18))" + titles.map { padLeft($0, 14) }.joined() + "   (± 95 %)")
        for member in retrieval.results {
            let cells = zip(member.recall + member.ndcg, member.margins).map { value, margin in
                padLeft(Terminal.number(value) + " ±" + String(format: "%.4f", margin).dropFirst(), 14)
            }
            lines.append("  \(pad(member.name, 18))" + cells.joined())
        }
        lines += retrieval.omitted.map { "  left out: \($0)" }
        return
            (lines + intentLines(retrieval) + popularityLines(retrieval) + plantedLines(retrieval))
            .joined(separator: "\n")
    }

    /// How well clusters are foretold, and what the ranker makes of the candidates of each source.
    private static func intentLines(_ report: RetrievalEvaluation) -> [String] {
        var lines: [String] = []
        if let intent = report.intent {
            lines.append("  cluster of the next item    log loss  calibration error")
            for (name, figures) in [("model", intent.model), ("history's histogram", intent.histogram)] {
                lines.append(
                    "    \(pad(name, 24))\(Terminal.number(figures.logLoss))    \(Terminal.number(figures.calibrationError))"
                )
            }
        }
        if !report.slates.isEmpty {
            lines.append("  slates by the ranker        ndcg@20  recall@20  more ndcg than two_tower")
        }
        for slate in report.slates {
            lines.append(
                "    \(pad(slate.name, 24))\(Terminal.number(slate.ndcg))     \(Terminal.number(slate.recall))  "
                    + String(format: "%+.4f ±%.4f", slate.gain, slate.gainMargin))
        }
        return lines
    }

    /// How the lists are spread over the catalog, a line a member.
    private static func popularityLines(_ report: RetrievalEvaluation) -> [String] {
        let head = "  first \(RetrievalEvaluation.listed) of each list"
        var lines = ["\(pad(head, 24))coverage    gini  share of the catalog's tenths, the most popular first"]
        for member in report.results {
            let spread = member.popularity
            lines.append(
                "  \(pad(member.name, 22))\(Terminal.number(spread.coverage))  \(Terminal.number(spread.gini))  "
                    + spread.deciles.map { String(format: "%.3f", $0) }.joined(separator: " "))
        }
        for member in report.results {
            guard let norms = member.popularity.norms else { continue }
            let title = "length of embeddings, correlation with log popularity \(Terminal.number(norms.correlation)):"
            lines.append(
                "  \(member.name): \(title) " + norms.deciles.map { String(format: "%.2f", $0) }.joined(separator: " "))
        }
        return lines
    }

    /// How many of the interests of a generated world's users the lists reach; nothing without its truth.
    private static func plantedLines(_ report: RetrievalEvaluation) -> [String] {
        guard report.results.contains(where: { $0.planted != nil }) else { return [] }
        let titles = PlantedReach.cutoffs.map { padLeft("first \($0)", 18) }.joined()
        return ["  \(pad("planted interests", 18))\(titles)   (reached, share of a user's)"]
            + report.results.compactMap { member in
                member.planted.map { planted in
                    "  \(pad(member.name, 18))"
                        + zip(planted.reached, planted.shares).map { padLeft(String(format: "%.2f, %.3f", $0, $1), 18) }
                        .joined()
                }
            }
    }

    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func padLeft(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
