/// Keeps logs of interactions that were read, each under its content.
package protocol InteractionCache: Sendable {
    /// Where the columns of a log grow that is read.
    var place: ColumnPlace { get }

    /// The log that was kept under `content`; nil where there is none that is whole.
    func log(of content: String) -> InteractionLog?

    /// Keeps `log` and gives it back as it lies then, in the file where it is kept; as it is where it cannot be kept.
    ///
    /// - Parameter content: tells everything apart that a log can hold: two logs with one content are equal.
    func keep(_ log: InteractionLog, of content: String) -> InteractionLog
}
