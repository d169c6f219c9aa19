import CascadeStorage

/// The server has room for the connections that one program may open.
struct ConnectionsCheck: DoctorCheck {
    let name = "connections"
    let needs = DoctorNeed.database

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        guard let server = context.server else { return .ok("no server") }
        // One more listens for activations.
        let wanted = context.configuration.database.maxConnections + 1
        let room = server.maximumConnections - server.reservedConnections
        let text = "\(server.connections) of \(room) connections are open; a server opens up to \(wanted)"
        let remedy = "lower database.max_connections, or raise the server's max_connections"
        if wanted > room { return .fail(text, remedy) }
        return server.connections + wanted > room ? .warn(text, remedy) : .ok(text)
    }
}

/// Leases and schedules go by the database's clock, events and log lines by the machines'.
struct ClockCheck: DoctorCheck {
    let name = "clock"
    let needs = DoctorNeed.database

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let seconds = context.clockAhead
        let text =
            "the database's clock is \(Terminal.number(abs(seconds), decimals: 1)) s "
            + (seconds < 0 ? "behind" : "ahead of") + " this machine's"
        let remedy = "set both by NTP: `timedatectl set-ntp true`"
        if abs(seconds) > 60 { return .fail(text, remedy) }
        return abs(seconds) > 2 ? .warn(text, remedy) : .ok(text)
    }
}

/// No transaction keeps followers reading the same changes again and again, and dead rows from being removed.
struct TransactionsCheck: DoctorCheck {
    let name = "transactions"
    let needs = DoctorNeed.database
    /// A large import or a backup takes minutes.
    var longest = 1800.0

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let old = try await context.session?.storage.transactions(olderThan: longest) ?? []
        guard let first = old.first else { return .ok("none runs for longer than \(SizeText.duration(longest))") }
        return .warn(
            "\(old.count) run for long, the oldest for \(SizeText.duration(first.seconds)) "
                + "(process \(first.processID), \(first.application), \(first.state))",
            "end it in its program, or: SELECT pg_terminate_backend(\(first.processID))")
    }
}

/// Nobody has forgotten a prepared transaction, which holds its locks until somebody ends it.
struct PreparedTransactionsCheck: DoctorCheck {
    let name = "prepared_transactions"
    let needs = DoctorNeed.database

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let names = context.prepared
        guard let first = names.first else { return .ok("there is none") }
        return .warn(
            "\(names.count) were never ended: \(names.prefix(3).joined(separator: ", "))",
            "COMMIT PREPARED or ROLLBACK PREPARED '\(first)'")
    }
}
