package import Logging

/// Writes the lines of requests: `stage` for each component run, `pipeline_summary` once a request.
package struct StageLog: Sendable {
    private let logger: Logger

    package init(logger: Logger) { self.logger = logger }

    /// Whether component lines of such a request would be written at all; making them costs, so ask first.
    package func writesStages(sampled: Bool) -> Bool { logger.logLevel <= level(sampled: sampled) }

    /// Writes a component's line: at info for a sampled request, else at debug.
    package func stage(_ line: StageLine, of request: RequestFields, sampled: Bool) {
        logger.log(level: level(sampled: sampled), "stage", metadata: line.metadata(for: request))
    }

    /// Writes the summary of a request at info.
    package func summary(_ line: SummaryLine, of request: RequestFields) {
        logger.info("pipeline_summary", metadata: line.metadata(for: request))
    }

    private func level(sampled: Bool) -> Logger.Level { sampled ? .info : .debug }
}
