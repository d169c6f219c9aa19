import CPostgres

/// Owns one result of libpq.
final class ResultBox: @unchecked Sendable {  // why: the result is complete and is only read from here on
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }
}
