import CascadePostgres

extension Database {
    /// Runs a statement that removes a bounded number of rows until nothing is left to remove, so that a long backlog holds up nobody;
    /// gives the number of all.
    func removeInSteps(_ statement: SQL) async throws -> Int {
        var removed = 0
        while true {
            let step = try await run { session in try session.execute(statement) }
            removed += step
            if step == 0 { return removed }
            try Task.checkCancellation()
        }
    }
}
