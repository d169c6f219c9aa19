import CascadeCore
package import Logging

/// The form of log lines.
package enum LogFormat: String, Sendable, ChosenWord {
    case json, text
}

/// Makes loggers of one form.
package struct LogSetup: Sendable {
    /// JSON for machines, text for a terminal.
    package var format: LogFormat
    /// Events below it are not written.
    package var level: Logger.Level
    /// Where lines go.
    package var sink: any LogSink

    package init(
        format: LogFormat = .json, level: Logger.Level = .info, sink: any LogSink = DescriptorSink.standardError
    ) {
        self.format = format
        self.level = level
        self.sink = sink
    }

    /// A logger of this form that does not depend on the process's set-up.
    package func logger(_ label: String) -> Logger { Logger(label: label, factory: { handler(label: $0) }) }

    /// Makes this the form of all loggers of the process; call it once, before any logger is made.
    package func bootstrap() { LoggingSystem.bootstrap { handler(label: $0) } }

    private func handler(label: String) -> any LogHandler {
        switch format {
        case .json: JSONLogHandler(label: label, level: level, sink: sink)
        case .text: TextLogHandler(label: label, level: level, sink: sink)
        }
    }
}
