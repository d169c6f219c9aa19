import ArgumentParser
import CascadeCore
import CascadeStorage

/// `cascade release shadow`: scores a release beside the active one without showing it.
struct ReleaseShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow",
        abstract: "Score a release beside the active one on a share of the requests, and compare them in the log.",
        discussion: "Running servers follow. `--end` stops it; activating the release does too.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The release.") var id: String?
    @Option(help: "The share of the requests, above 0 and at most 1.") var share = 0.1
    @Flag(help: "Score none beside the active one any more.") var end = false

    func validate() throws {
        if end, id != nil { throw ValidationError("name a release or give --end, not both") }
        if !end, id == nil { throw ValidationError("name a release, or give --end") }
        guard share > 0, share <= 1 else { throw ValidationError("--share must be above 0 and at most 1") }
    }

    func run() async throws {
        try await Session.with(options) { session in
            guard let id else {
                let former = try await session.storage.releases.endShadow()
                Terminal.out(former.map { "release \($0) is no shadow any more" } ?? "no release is a shadow")
                return
            }
            let release = try await session.release(id)
            try await ReleaseCheck.verify(release, session)
            try await session.storage.releases.shadow(id, share: share)
            Terminal.out("release \(id) is scored beside the active one on \(share * 100) % of the requests")
        }
    }
}
