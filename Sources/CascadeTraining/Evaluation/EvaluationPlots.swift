package import Foundation

/// The pictures of an evaluation: `reliability-HEAD.svg`, with what the ranker itself says beside what is served where both
/// differ, and `importance-HEAD.svg` where features were permuted.
package enum EvaluationPlots {
    /// Writes them into `folder`, which is made where it is not there; gives the names of the files.
    ///
    /// - Throws: what the file system says.
    package static func write(_ report: EvaluationReport, to folder: URL) throws -> [String] {
        var files: [(name: String, svg: String)] = []
        for head in report.heads where !head.figures.reliability.bins.isEmpty {
            var series = [ReliabilityPlot.Series(name: "served", reliability: head.figures.reliability)]
            if let raw = head.raw { series.append(.init(name: "raw", reliability: raw.reliability)) }
            files.append(
                (
                    "reliability-\(fileName(head.head)).svg",
                    ReliabilityPlot(title: "\(head.head): reliability", series: series).svg
                ))
        }
        for head in report.importance?.heads ?? [] {
            files.append(
                (
                    "importance-\(fileName(head.head)).svg",
                    BarPlot(
                        title: "\(head.head): importance of features", axis: "log loss gained by permuting",
                        bars: head.losses.map { ($0.feature, $0.logLoss) }
                    ).svg
                ))
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for file in files {
            try Data(file.svg.utf8).write(to: folder.appendingPathComponent(file.name), options: .atomic)
        }
        return files.map(\.name)
    }

    /// A signal's name can hold anything.
    private static func fileName(_ head: String) -> String { head.replacing("/", with: "_") }
}
