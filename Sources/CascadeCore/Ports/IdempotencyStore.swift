/// Keeps which named writes were done, and how they were answered; servers share it.
package protocol IdempotencyStore: Sendable {
    /// Claims a write for an attempt of `lease` seconds, after which another may begin it; answers older than `lifetime` seconds are
    /// forgotten.
    func claim(_ write: IdempotentWrite, lease: Double, lifetime: Double) async throws -> IdempotencyClaim
    /// Keeps the answer of an attempt; nothing where the claim is another's by now.
    func finish(_ write: IdempotentWrite, attempt: String, _ answer: StoredAnswer) async throws
    /// Gives a claim back: nothing was written. Nothing where it is another's by now.
    func release(_ write: IdempotentWrite, attempt: String) async throws
}
