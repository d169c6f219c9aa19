package import CascadeCore
package import Logging

/// Writes each log event as one line of JSON: `ts`, `level`, `msg`, `logger`, then the metadata by name.
///
/// Numbers, flags, lists and dictionaries of the metadata keep their JSON type. Values under a key that names a secret
/// and passwords in URLs are masked. `hb.request.id` becomes `request_id`.
package struct JSONLogHandler: LogHandler {
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
        var line = "{\"ts\":"
        JSONText.append(now().rfc3339, to: &line)
        line += ",\"level\":"
        JSONText.append(event.level.rawValue, to: &line)
        line += ",\"msg\":"
        JSONText.append(Redaction.scrubbed(event.message.description), to: &line)
        line += ",\"logger\":"
        JSONText.append(label, to: &line)
        for (key, value) in LogFields.merged(handler: self, event: event) {
            line += ","
            JSONText.append(key, to: &line)
            line += ":"
            Self.append(value, under: key, to: &line)
        }
        line += "}\n"
        sink.write(line)
    }

    private static func append(_ value: Logger.MetadataValue, under key: String, to line: inout String) {
        if Redaction.isSecret(key: key) {
            JSONText.append(Redaction.mask, to: &line)
            return
        }
        switch value {
        case .string(let text): JSONText.append(Redaction.scrubbed(text), to: &line)
        case .stringConvertible(let value): append(value, to: &line)
        case .array(let values):
            line += "["
            for (index, value) in values.enumerated() {
                if index > 0 { line += "," }
                append(value, under: key, to: &line)
            }
            line += "]"
        case .dictionary(let values):
            line += "{"
            for (index, (name, value)) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line += "," }
                JSONText.append(name, to: &line)
                line += ":"
                append(value, under: name, to: &line)
            }
            line += "}"
        }
    }

    private static func append(_ value: any CustomStringConvertible & Sendable, to line: inout String) {
        switch value {
        case let flag as Bool: line += flag ? "true" : "false"
        case let number as any BinaryInteger: line += String(describing: number)
        case let number as Double: JSONText.append(number, to: &line)
        case let number as Float: number.isFinite ? line += number.description : (line += "null")
        default: JSONText.append(Redaction.scrubbed(value.description), to: &line)
        }
    }
}
