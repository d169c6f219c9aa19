import CascadeCore
import CascadeServer
import CascadeStorage

/// Changes what is served, for commands and requests alike.
struct ReleaseControl: ReleaseControlling {
    let session: Session

    func activate(_ id: String) async throws -> Release {
        let release = try await session.release(id)
        try await ReleaseCheck.verify(release, session)
        try await session.storage.releases.activate(id)
        return try await session.release(id)
    }

    func rollback() async throws -> Release? { try await session.storage.releases.rollback() }
}

/// The same for requests: what the artifacts of a release lack is told as a conflict.
struct ServedReleaseControl: ReleaseControlling {
    let control: ReleaseControl

    func activate(_ id: String) async throws -> Release {
        do {
            return try await control.activate(id)
        } catch {
            if error is StorageError || error is CancellationError { throw error }
            throw RequestFailure(.conflict, "release \(id) cannot be served: \(error)")
        }
    }

    func rollback() async throws -> Release? { try await control.rollback() }
}
