import CascadeCore

/// The body of the answer to `DELETE /v1/users/{user_id}`.
enum ErasureDocument {
    static func json(of erasure: UserErasure, _ user: UserID) -> JSONValue {
        let tables = erasure.deletedRows.sorted { $0.key < $1.key }
        return [
            "user_id": .string(user.rawValue),
            "deleted_rows": .object(tables.map { JSONValue.Member($0.key, .integer($0.value)) }),
            "release_id": .text(erasure.releaseID),
            "in_active_release": .bool(!erasure.remains.isEmpty),
            "remains": .array(erasure.remains.map { .string($0.rawValue) }),
        ]
    }
}
