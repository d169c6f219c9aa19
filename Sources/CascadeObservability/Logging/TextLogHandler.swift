package import CascadeCore
package import Logging

/// Writes log events for people: time of day, level, message, then `name=value` words.
package struct TextLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level
    private let label: String
    private let sink: any LogSink
    private let now: @Sendable () -> Timestamp

    package init(
        label: String, level: Logger.Level = .info, sink: any LogSink = DescriptorSink.standardError,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.label = label
        self.logLevel = level
        self.sink = sink
        self.now = now
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let time = now().rfc3339
        var line = "\(time) \(event.level.rawValue.uppercased()) \(label): "
        line += Redaction.scrubbed(event.message.description)
        for (key, value) in LogFields.merged(handler: self, event: event) {
            line += " \(key)=\(Self.quoted(Self.text(value, under: key)))"
        }
        // One event is one line, whatever its message holds.
        sink.write(line.replacing("\n", with: "\\n") + "\n")
    }

    /// The value in words: `[a, b]` for a list, `{name=value, …}` for a dictionary.
    private static func text(_ value: Logger.MetadataValue, under key: String) -> String {
        if Redaction.isSecret(key: key) { return Redaction.mask }
        switch value {
        case .string(let text): return Redaction.scrubbed(text)
        case .stringConvertible(let value): return Redaction.scrubbed(value.description)
        case .array(let values): return "[" + values.map { text($0, under: key) }.joined(separator: ", ") + "]"
        case .dictionary(let values):
            let members = values.sorted { $0.key < $1.key }.map { "\($0.key)=\(text($0.value, under: $0.key))" }
            return "{" + members.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        text.contains(where: { $0 == " " || $0 == "\"" }) ? "\"" + text.replacing("\"", with: "\\\"") + "\"" : text
    }
}
