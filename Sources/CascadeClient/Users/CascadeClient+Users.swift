extension CascadeClient {
    private struct UserBatch: Encodable, Sendable {
        let users: [WrittenUser]
    }

    /// A page of the users, by identifier.
    ///
    /// - Parameters:
    ///   - limit: rows of the page, 1 to 500.
    ///   - cursor: the `nextCursor` of the page before; nil for the first page.
    public func listUsers(limit: Int? = nil, cursor: String? = nil) async throws(CascadeClientError) -> Page<User> {
        try await answer(to: Call(operation: .listUsers, query: Self.page(limit, cursor)))
    }

    /// Writes users whole; rows are taken or refused one by one.
    ///
    /// - Parameters:
    ///   - users: 1 to 1000.
    ///   - atomic: whether one wrong row refuses all of them.
    ///   - idempotencyKey: names the write for 24 hours; nil makes a name that holds for the repeats of this call.
    public func postUsers(
        _ users: [WrittenUser], atomic: Bool? = nil, idempotencyKey: String? = nil
    ) async throws(CascadeClientError) -> BatchOutcome {
        let query = [("atomic", atomic.map { String($0) })]
        return try await answer(
            to: Call(operation: .postUsers, query: query, body: UserBatch(users: users), key: idempotencyKey))
    }

    /// Writes a user whole and gives it back.
    public func putUser(_ userID: String, _ body: UserBody) async throws(CascadeClientError) -> User {
        try await answer(to: Call(operation: .putUser, path: [userID], body: body))
    }

    /// Changes members of a user and gives it back; not repeated by itself.
    public func patchUser(_ userID: String, _ patch: UserPatch) async throws(CascadeClientError) -> User {
        try await answer(to: Call(operation: .patchUser, path: [userID], body: patch))
    }

    /// A user.
    public func getUser(_ userID: String) async throws(CascadeClientError) -> User {
        try await answer(to: Call(operation: .getUser, path: [userID]))
    }

    /// Removes a user with everything that is kept of the user, and tells what that was.
    ///
    /// Repeated after an answer was lost, it fails with `not_found` although the user was removed.
    public func deleteUser(_ userID: String) async throws(CascadeClientError) -> Erasure {
        try await answer(to: Call(operation: .deleteUser, path: [userID]))
    }
}
