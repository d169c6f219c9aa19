package import CascadeCore
package import Foundation

/// What an experiment leaves behind in a folder: `results.json`, `table.txt`, `curves.csv`, `loss.svg`, a plot of each
/// measured metric where curves were measured, and a line in `test-readings.ndjson` for each training that was measured
/// on a test part.
package struct ExperimentFiles {
    package let folder: URL

    package init(folder: URL) {
        self.folder = folder
    }

    /// Writes everything; the log of test readings is appended to, the rest replaced.
    package func write(_ result: ExperimentResult, at now: Timestamp) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try put("results.json", String(decoding: try encoder.encode(result), as: UTF8.self) + "\n")
        try put("table.txt", Self.table(result) + "\n")
        try put("curves.csv", Self.curves(result))
        try put("loss.svg", plot(result, title: "\(result.name): training loss") { $0.loss })
        for metric in result.metrics
        where result.trainings.contains(where: { $0.curve.count { $0.numbers[metric] != nil } > 1 }) {
            let name = metric.replacing("/", with: "_") + ".svg"
            try put(name, plot(result, title: "\(result.name): \(metric)") { $0.numbers[metric] })
        }
        if result.part == .test { try log(result, at: now) }
    }

    /// The figures, a run a line: mean ± deviation over seeds.
    package static func table(_ result: ExperimentResult) -> String {
        let titles = result.metrics.map { $0.replacing("retrieval.two_tower.", with: "") }
        let seeds = Set(result.trainings.map(\.seed)).count
        var lines = [
            "\(result.name), \(result.part.rawValue), \(seeds) seed\(seeds == 1 ? "" : "s"), \(result.threads) threads, "
                + "\(result.data.trained) of \(result.data.interactions) interactions learned from, data \(result.data.checksum)"
                + (result.users == .all ? "" : ", retrieval for \(result.users.rawValue) users")
        ]
        let rows = result.rows
        let width = (rows.map(\.name.count).max() ?? 0) + 2
        func line(_ name: String, _ cells: [String]) -> String {
            name.padding(toLength: width, withPad: " ", startingAt: 0)
                + cells.map { String(repeating: " ", count: max(1, 18 - $0.count)) + $0 }.joined()
        }
        lines.append(line("", titles))
        for row in rows {
            lines.append(
                line(
                    row.name,
                    row.cells.map { cell in
                        cell.map { String(format: "%.4f ± %.4f", $0.mean, $0.deviation) } ?? "–"
                    }))
        }
        return (lines + comparisons(result)).joined(separator: "\n")
    }

    /// How rankers differ from those of the first variant, a line a seed and one over all; nothing where none were compared.
    private static func comparisons(_ result: ExperimentResult) -> [String] {
        guard let first = result.trainings.first, !result.comparisons.isEmpty else { return [] }
        let metrics = result.metrics.filter { metric in result.comparisons.contains { $0.metric == metric } }
        var lines: [(name: String, cells: [String])] = [
            ("to '\(first.name)', paired, 95 % over users", metrics)
        ]
        for one in result.comparisons {
            let name = "\(one.name), \(one.seed.map { "seed \($0)" } ?? "all seeds")"
            if lines.last?.name != name { lines.append((name, metrics.map { _ in "–" })) }
            guard let column = metrics.firstIndex(of: one.metric) else { continue }
            let difference = one.difference
            lines[lines.count - 1].cells[column] = String(
                format: "%+.4f (%+.4f to %+.4f)", difference.value, difference.interval.low, difference.interval.high)
        }
        let width = (lines.map(\.name.count).max() ?? 0) + 2
        return lines.map { line in
            line.name.padding(toLength: width, withPad: " ", startingAt: 0)
                + line.cells.map { String(repeating: " ", count: max(2, 32 - $0.count)) + $0 }.joined()
        }
    }

    private static func curves(_ result: ExperimentResult) -> String {
        var text = (["run", "seed", "epoch", "loss"] + result.metrics).joined(separator: ",") + "\n"
        for training in result.trainings {
            for point in training.curve {
                let cells = result.metrics.map { metric in point.numbers[metric].map { "\($0)" } ?? "" }
                let name = "\"" + training.name.replacing("\"", with: "\"\"") + "\""
                text +=
                    ([name, "\(training.seed)", "\(point.epoch)", "\(point.loss)"] + cells).joined(separator: ",")
                    + "\n"
            }
        }
        return text
    }

    private func plot(
        _ result: ExperimentResult, title: String, _ value: (ExperimentResult.Point) -> Double?
    ) -> String {
        let series = result.trainings.map { training in
            CurvePlot.Series(
                name: "\(training.name), seed \(training.seed)",
                points: training.curve.compactMap { point in value(point).map { (Double(point.epoch), $0) } })
        }
        return CurvePlot(title: title, series: series).svg
    }

    private func log(_ result: ExperimentResult, at now: Timestamp) throws {
        struct Reading: Codable {
            let at: String
            let experiment: String
            let run: String
            let seed: UInt64
            let settings: String
            let data: String
            let users: MeasuredUsers
            let numbers: [String: Double]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let url = folder.appendingPathComponent("test-readings.ndjson")
        var lines = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        for training in result.trainings {
            let reading = Reading(
                at: now.rfc3339, experiment: result.name, run: training.name, seed: training.seed,
                settings: training.settingsHash, data: result.data.checksum, users: result.users,
                numbers: training.numbers.filter { result.metrics.contains($0.key) })
            lines += String(decoding: try encoder.encode(reading), as: UTF8.self) + "\n"
        }
        try put(url.lastPathComponent, lines)
    }

    private func put(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name), options: .atomic)
    }
}
