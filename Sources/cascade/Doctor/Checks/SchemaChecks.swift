import CascadePostgres
import CascadeStorage

/// The schema is the one of this program.
struct MigrationsCheck: DoctorCheck {
    let name = "migrations"
    let needs = DoctorNeed.database

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let schema = StatusReader.schema(context.migrations)
        let wrong = context.migrations.filter { migration in
            switch migration.state {
            case .changed, .unknown: true
            case .pending, .applied: false
            }
        }.map { "\($0.version) \($0.name)" }
        if !wrong.isEmpty {
            return .fail(
                "the database has migrations that this program does not: \(wrong.joined(separator: ", "))",
                "run the program that they belong to, and leave applied files in Migrations as they were")
        }
        if schema.pending > 0 { return .fail("\(schema.pending) are pending", "cascade db upgrade") }
        return .ok("all \(schema.applied) are applied")
    }
}

/// Every index is used.
struct IndexesCheck: DoctorCheck {
    let name = "indexes"
    let needs = DoctorNeed.database

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let invalid = try await context.session?.storage.invalidIndexes() ?? []
        if invalid.isEmpty { return .ok("all are valid") }
        return .warn(
            "\(invalid.joined(separator: ", ")) cannot be used",
            invalid.map { "REINDEX INDEX \($0)" }.joined(separator: "; "))
    }
}
