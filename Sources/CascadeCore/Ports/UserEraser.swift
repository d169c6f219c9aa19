/// Removes users with everything that is kept of them.
package protocol UserEraser: Sendable {
    /// Removes a user with all rows that name the user, in one transaction; nil when there were none.
    func erase(_ user: UserID) async throws -> UserErasure?
}
