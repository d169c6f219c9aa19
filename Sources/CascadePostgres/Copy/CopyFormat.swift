/// How rows travel in COPY.
package enum CopyFormat: String, Sendable {
    /// Lines of text; takes every column type.
    case text
    /// Fixed-width numbers, no escaping; takes the types of `PostgresType` and needs one look at the catalog.
    case binary
}

/// A column that rows are copied into.
struct CopyColumn: Equatable, Sendable {
    let name: String
    /// Known for binary COPY only.
    let type: PostgresType?
}
