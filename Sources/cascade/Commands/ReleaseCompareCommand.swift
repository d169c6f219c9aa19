import ArgumentParser
import CascadeCore
import CascadeModels
import CascadeStorage
import CascadeTraining
import Foundation

/// `cascade release compare`: what the gate of a training run tells, for a release that is there.
struct ReleaseCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare a release with the active one on the same interactions; exit code 3 where it is worse.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var period: PeriodOptions
    @Argument(help: "The release.") var id: String
    @Option(help: "The release to compare with (default: the active one).") var with: String?
    @Flag(help: "Serve it where it is not worse.") var activate = false

    func run() async throws {
        let period = try period.period()
        try await Session.with(options) { session in
            let candidate = try await session.release(id)
            let active = try await session.releaseOrActive(with)
            guard candidate.id != active.id else {
                throw ValidationError("release \(id) is the one to compare with; name another with --with")
            }
            let measured = try await session.heldOut(period, of: candidate)
            let log = try await session.cachedFeedback().interactions(
                in: Period(until: measured.until), timed: candidate.windows != nil || active.windows != nil)
            let users = try await session.storage.catalog.users()
            let compute = ComputePool(threads: 1, name: "compare")
            defer { compute.shutdown() }
            let verdict = try await compute.run { _ in
                let bundles = try [candidate, active].map { release in
                    try session.artifacts.bundle(of: release)
                }
                return try PromotionGate(settings: session.configuration.promotion).judge(
                    bundles[0], against: bundles[1], log: log, users: users, period: measured)
            }
            for line in verdict.lines { Terminal.out(line) }
            guard verdict.passes else { throw TrainingError.notPromoted(release: id, lines: verdict.lines) }
            guard activate else { return Terminal.out("release \(id) is not worse than \(active.id)") }
            try await ReleaseCheck.verify(candidate, session)
            try await session.storage.releases.activate(id)
            Terminal.out("release \(id) is active")
        }
    }
}
