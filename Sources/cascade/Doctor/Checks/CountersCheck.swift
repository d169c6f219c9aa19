import CascadeCore
import CascadeStorage

/// What is counted over windows of time is folded, so that reads stay fast.
struct CountersCheck: DoctorCheck {
    let name = "counters"
    let needs = DoctorNeed.schema
    var longest = 3600.0

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        guard let status = try await context.session?.storage.counters.status(withBuckets: false), status.counters > 0
        else {
            return .ok("the active release counts nothing")
        }
        // Servers fold; what nobody reads need not be.
        if status.recent == 0 { return .ok("\(status.counters), nothing waits to be folded") }
        let remedy = "a running server (`cascade serve`) folds; else `cascade counters rebuild`"
        guard let until = status.foldedUntil else {
            return .warn("\(status.recent) rows were never folded", remedy)
        }
        let lag = context.now.seconds - until.seconds
        let text = "\(status.recent) rows are not folded, the last fold is \(SizeText.duration(lag)) ago"
        return lag > longest ? .warn(text, remedy) : .ok(text)
    }
}
