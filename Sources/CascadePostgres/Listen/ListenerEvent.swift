/// What a listener tells its subscriber.
package enum ListenerEvent: Equatable, Sendable {
    /// From here on no notification is missed; those before may have been, so the subscriber should catch up now.
    ///
    /// `again` is false for the first time and true after every gap.
    case listening(again: Bool)
    /// Someone ran NOTIFY on one of the channels.
    case notification(channel: String, payload: String)
    /// The connection broke; the listener goes on trying.
    case interrupted(PostgresError)
}
