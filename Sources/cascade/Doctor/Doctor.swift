import CascadeCore
import CascadeObservability
import CascadePostgres
import Foundation

/// Makes all checks; the answer of `cascade doctor`.
struct Doctor {
    /// One check and what it found.
    struct Finding: Codable, Equatable {
        var name: String
        var level: Diagnosis.Level
        var found: String
        var remedy: String?
    }

    /// What `--json` prints, in snake case.
    struct Report: Codable, Equatable {
        var at: String
        /// The worst that was found.
        var level: Diagnosis.Level
        var checks: [Finding]
        /// Checks that could not be made, since the database is out of reach or its schema is not up to date.
        var skipped: [String]

        func json() throws -> String {
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }

        var lines: [String] {
            let width = (checks.map(\.name.count).max() ?? 0) + 2
            var lines = checks.flatMap { check in
                let head = check.level.rawValue.padding(toLength: 6, withPad: " ", startingAt: 0)
                let name = check.name.padding(toLength: width, withPad: " ", startingAt: 0)
                let indent = String(repeating: " ", count: 6 + width)
                return [head + name + check.found] + (check.remedy.map { ["\(indent)→ \($0)"] } ?? [])
            }
            if !skipped.isEmpty { lines.append("not checked: \(skipped.joined(separator: ", "))") }
            let counts = Diagnosis.Level.allCases.map { level in
                "\(checks.count { $0.level == level }) \(level.rawValue)"
            }
            return lines + [counts.joined(separator: ", ")]
        }
    }

    /// The report of a configuration: opens its database, and goes on without where there is none.
    static func examine(_ configuration: CascadeConfiguration) async throws -> Report {
        // Missing, they say nothing of the database.
        _ = try ProjectFiles.locate("Migrations")
        var unreachable = DoctorContext(configuration)
        if configuration.database.url.isEmpty {
            do {
                // A look does not make a cluster.
                unreachable.isAbsent = try await Session.localCluster(configuration).status().state == .absent
            } catch {
                unreachable.problem = "\(error)"
            }
            if unreachable.isAbsent || unreachable.problem != nil { return await examine(unreachable) }
        }
        do {
            return try await Session.with(configuration, migrating: false) { session in
                await examine(try await DoctorContext(session))
            }
        } catch {
            unreachable.problem = "\(error)"
            return await examine(unreachable)
        }
    }

    /// Makes every check that the context reaches.
    static func examine(_ context: DoctorContext, _ checks: [any DoctorCheck] = DoctorChecks.all) async -> Report {
        var report = Report(at: context.now.rfc3339, level: .ok, checks: [], skipped: [])
        for check in checks {
            guard check.needs <= context.reach else {
                report.skipped.append(check.name)
                continue
            }
            let finding = await finding(check, context)
            report.checks.append(finding)
            report.level = max(report.level, finding.level)
        }
        return report
    }

    static func finding(_ check: any DoctorCheck, _ context: DoctorContext) async -> Finding {
        let diagnosis: Diagnosis
        do {
            diagnosis = try await check.look(context)
        } catch {
            diagnosis = .fail("it cannot be checked: \(error)", "correct this and run `cascade doctor` again")
        }
        return Finding(
            name: check.name, level: diagnosis.level, found: Redaction.scrubbed(diagnosis.found),
            remedy: diagnosis.remedy.isEmpty ? nil : diagnosis.remedy)
    }

    /// The report of a configuration that cannot be read.
    static func report(unreadable error: any Error) -> Report {
        let finding = Finding(
            name: ConfigurationCheck().name, level: .fail, found: Redaction.scrubbed("\(error)"),
            remedy: "correct the file or the variable; `cascade config check` checks it alone")
        return Report(
            at: Timestamp.now.rfc3339, level: .fail, checks: [finding],
            skipped: DoctorChecks.all.map(\.name).filter { $0 != finding.name })
    }
}
