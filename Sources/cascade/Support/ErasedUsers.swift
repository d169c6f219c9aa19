import CascadeCore
import CascadeStorage
import CascadeTraining
import Foundation

/// Keeps users who were erased out of trainings: of what earlier ones kept on the disk, and of weights that later ones go on from.
struct ErasedUsers {
    let storage: Storage
    /// Where releases are, logs that were read, and what killed trainings kept.
    let directory: URL

    /// Deletes the logs that were read, and what killed trainings kept, before a user was erased: they may hold of the user.
    func forget() async throws {
        guard let erased = try await storage.eraser.latestErasure() else { return }
        // An erasure is seen by others a little after its time.
        let moment = erased.adding(seconds: 3600)
        let kept =
            TrainingCheckpoints.abandoned(in: directory, before: moment)
            + InteractionLogCache.kept(in: directory, before: moment)
        for file in kept {
            do { try FileManager.default.removeItem(at: file) } catch CocoaError.fileNoSuchFile {
                // Another command was quicker.
            }
        }
    }

    /// Throws where the weights of the active release, or those that it goes on from, may have learned of a user that was erased since: going
    /// on from them would carry that along for ever.
    func refuseWarmStart() async throws {
        guard let erased = try await storage.eraser.latestErasure(),
            let active = try await storage.releases.activeRelease(),
            let trained = try await storage.releases.coldStart(of: active.retrievalModelID)
        else { return }
        // That training had read before it ended: a day at most.
        guard erased < trained.adding(seconds: -86_400) else {
            throw CommandFailure(
                "a user was erased on \(erased.rfc3339), and the models of release \(active.id) may have learned of that user: "
                    + "train anew, without --warm")
        }
    }
}
