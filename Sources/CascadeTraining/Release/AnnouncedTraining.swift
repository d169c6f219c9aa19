import CascadeCore

/// Lets everybody see a training while it runs, and what it came to.
struct AnnouncedTraining: Sendable {
    let store: any ReleaseTrainingStore
    /// The name that its release will have.
    let id: String
    let configJSON: String
    let jobID: String?
    /// Seconds between two signs of life.
    var pulse = ReleaseTraining.pulse

    /// Announces the training, gives signs of life while `work` goes on, and says why where it fails.
    func run<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        let now = Timestamp.now
        try await store.begin(
            ReleaseTraining(id: id, beganAt: now, heardAt: now, configJSON: configJSON, jobID: jobID))
        // One that is not heard is not the end of the training: the next may be.
        let heart = Task {
            while (try? await Task.sleep(for: .seconds(pulse))) != nil { try? await store.pulse(of: id) }
        }
        defer { heart.cancel() }
        do {
            return try await work()
        } catch {
            // Not given up with the training's own task, which may have been cancelled.
            await Task { try? await store.fail(id, reason: String("\(error)".prefix(Self.longestReason))) }.value
            throw error
        }
    }

    private static let longestReason = 2_000
}
