// Times what a request and a training read of the logs of a database.
//
//   bench-logs DATABASE_URL [USERS]
//
// Prints milliseconds of the queries of a request (a user's last 50 steps, the seen items) for users drawn from the log with a
// seed, each read once before; the time to read everything as a training does; and sizes on disk.
import CascadeCore
import CascadePostgres
import CascadeStorage
import Foundation

let arguments = CommandLine.arguments
guard (2...3).contains(arguments.count), let count = Int(arguments.count == 3 ? arguments[2] : "300"), count > 0 else {
    FileHandle.standardError.write(Data("usage: bench-logs DATABASE_URL [USERS]\n".utf8))
    exit(2)
}
let storage = try Storage(url: arguments[1])

func milliseconds(_ body: () async throws -> Void) async throws -> Double {
    let start = ContinuousClock.now
    try await body()
    return (ContinuousClock.now - start) / .milliseconds(1)
}

func show(_ what: String, _ times: [Double]) {
    let sorted = times.sorted()
    let text = String(
        format: "%@: p50 %.2f ms, p99 %.2f ms", what, sorted[sorted.count / 2], sorted[sorted.count * 99 / 100])
    print(text)
}

let known = try await storage.feedback.usersWithFeedback(limit: 100_000)
guard !known.isEmpty else {
    FileHandle.standardError.write(Data("the logs are empty\n".utf8))
    exit(1)
}
var random = SeededRandom(seed: 1)
let users = (0..<count).map { _ in known[random.below(known.count)] }
var past: [Double] = []
var seen: [Double] = []
for round in 0..<2 {
    for user in users {
        let first = try await milliseconds {
            _ = try await storage.feedback.history(of: user, before: nil, limit: 50)
        }
        let second = try await milliseconds { _ = try await storage.feedback.seenItems(of: user, limit: 10_000) }
        guard round == 1 else { continue }
        past.append(first)
        seen.append(second)
    }
}
show("the last 50 steps", past)
show("the seen items", seen)
var rows = 0
let reading = try await milliseconds { rows = try await storage.feedback.interactions(in: Period()).count }
print(
    String(
        format: "a training set of %d rows: %.1f s, %.0f rows/s", rows, reading / 1000, Double(rows) / reading * 1000))
var bytes = 0
for partition in try await storage.logs.partitions() { bytes += partition.bytes }
let identifiers: Int = try await storage.pool.query(
    """
    SELECT sum(pg_total_relation_size(inhrelid))::bigint AS bytes FROM pg_inherits
    WHERE inhparent IN ('event_ids'::regclass, 'impression_ids'::regclass)
    """
).single().decode("bytes")
let whole: Int = try await storage.pool.query("SELECT pg_database_size(current_database()) AS bytes").single()
    .decode("bytes")
print("on disk: logs \(bytes >> 20) MiB, identifiers \(identifiers >> 20) MiB, database \(whole >> 20) MiB")
storage.close()
