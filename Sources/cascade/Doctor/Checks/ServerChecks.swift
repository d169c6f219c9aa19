import CascadeStorage

/// Postgres answers, and is one that the program can work with.
struct ServerCheck: DoctorCheck {
    let name = "server"
    let needs = DoctorNeed.nothing
    static let leastVersion = 15

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        if context.isAbsent {
            return .warn(
                "there is no private Postgres yet", "the first command that needs it makes it: `cascade db start`")
        }
        guard let server = context.server else {
            return .fail(
                "the database does not answer: \(context.problem ?? "")",
                "start it, or correct database.url; a private Postgres: `cascade db start`")
        }
        if server.majorVersion < Self.leastVersion {
            return .fail(
                "PostgreSQL \(server.version) is older than \(Self.leastVersion)",
                "move the data to a newer server: `cascade db backup`, then `cascade db restore` there")
        }
        if server.encoding != "UTF8" {
            return .fail(
                "the database has the encoding \(server.encoding)",
                "make one with `createdb --encoding=UTF8 --template=template0`")
        }
        if server.isReadOnly {
            return .fail("the server takes no writes", "set database.url to the primary server")
        }
        return .ok("PostgreSQL \(server.version), UTF8, \(SizeText.text(server.bytes))")
    }
}

/// What was acknowledged outlives a crash.
struct DurabilityCheck: DoctorCheck {
    let name = "durability"
    let needs = DoctorNeed.database

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        // Other values of synchronous_commit wait for the disk too, and for standbys besides.
        let weak = (context.server?.durability ?? [:]).filter { $0.value == "off" }.keys.sorted()
        if weak.isEmpty { return .ok("fsync, full_page_writes and synchronous_commit are on") }
        return .fail(
            "\(weak.joined(separator: ", ")) off: a crash of the machine loses what was acknowledged",
            weak.map { "ALTER SYSTEM SET \($0) = on" }.joined(separator: "; ") + "; SELECT pg_reload_conf()")
    }
}

/// Migrations can make their tables.
struct PrivilegesCheck: DoctorCheck {
    let name = "privileges"
    let needs = DoctorNeed.database

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        if context.server?.mayCreate == true { return .ok("the role may make tables") }
        return .fail(
            "the role may not make tables, so the schema cannot be brought up to date",
            "GRANT CREATE, USAGE ON SCHEMA public TO the role of database.url")
    }
}
