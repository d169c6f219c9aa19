import Logging

/// The metadata of a log event as a handler writes it.
enum LogFields {
    private static let reserved: Set<String> = ["ts", "level", "msg", "logger"]

    /// Everything that is known of an event by name, sorted: the event's own metadata wins over the handler's, that
    /// over the provider's. A name that the line itself uses gets a leading underscore.
    static func merged(
        handler: any LogHandler, event: LogEvent
    ) -> [(key: String, value: Logger.MetadataValue)] {
        var fields = handler.metadataProvider?.get() ?? [:]
        fields.merge(handler.metadata) { _, new in new }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error, fields["error"] == nil { fields["error"] = "\(error)" }
        if let id = fields.removeValue(forKey: "hb.request.id"), fields["request_id"] == nil {
            fields["request_id"] = id
        }
        for key in reserved {
            if let value = fields.removeValue(forKey: key) { fields["_" + key] = value }
        }
        return fields.sorted { $0.key < $1.key }
    }
}
