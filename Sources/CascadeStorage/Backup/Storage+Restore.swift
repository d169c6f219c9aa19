import CascadePostgres
package import Foundation

/// What a database holds into which a dump is to be restored.
package struct RestoreTarget: Sendable, Equatable {
    /// The tables with rows of somebody's, by name.
    package let filled: [String]
    /// Sessions of other programs of this project's.
    package let others: Int
}

extension Storage {
    /// Looks at a database, migrated or not, without changing it.
    package func restoreTarget() async throws -> RestoreTarget {
        try await database.run { session in
            let filled = try DumpContents.tables(session).filter { table in
                // These have rows from the migrations.
                if ["schema_migrations", "counter_state", "log_state"].contains(table) { return false }
                return try session.query("SELECT EXISTS (SELECT FROM \(identifier: table))").single().decode(0)
            }
            let others: Int = try session.query(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'cascade'
                """
            ).single().decode(0)
            return RestoreTarget(filled: filled, others: others)
        }
    }

    /// Restores a dump in the place of all tables and functions of the role, in one transaction; gives the rows by table.
    ///
    /// Nobody migrates the schema meanwhile. Whoever is killed in between leaves the database as it was.
    package func restore(from file: URL) async throws -> [String: Int] {
        do {
            return try await pool.withConnection { connection in
                try await Migrator.keepingOut(connection) {
                    let tools = try await connection.withSession { session in
                        try Self.tools(session, pool.configuration)
                    }
                    try await tools.restore(from: file, after: Self.dropping)
                    return try await connection.withSession { session in
                        // Plans for reading want to know how large the tables are now.
                        try session.script("ANALYZE", timeout: Database.bulkLimit)
                        return try DumpContents.rows(session)
                    }
                }
            }
        } catch {
            throw Database.storageError(error)
        }
    }

    /// Tables take their indexes, triggers and sequences along; what belongs to an extension stays.
    private static let dropping = """
        DO $$
        DECLARE
            object record;
        BEGIN
            FOR object IN SELECT relname AS name FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
                    AND relowner = current_user::regrole
                    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
            LOOP
                EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', object.name);
            END LOOP;
            FOR object IN SELECT oid::regprocedure AS name FROM pg_proc
                WHERE pronamespace = current_schema()::regnamespace AND proowner = current_user::regrole
                    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
            LOOP
                EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', object.name);
            END LOOP;
        END
        $$
        """
}
