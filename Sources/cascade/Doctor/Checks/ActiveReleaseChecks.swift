import CascadeCore
import CascadeServing
import CascadeStorage
import Foundation

/// The active release is there, every file has its checksum, and a server can load it.
struct ActiveReleaseCheck: DoctorCheck {
    let name = "active_release"
    let needs = DoctorNeed.schema

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        guard let active = context.active else {
            return .warn("none is active: recommendations are the newest items", "cascade train")
        }
        if let problem = context.servedProblem {
            return .fail("\(active.id) cannot be served: \(problem)", "cascade release rollback, or cascade train")
        }
        guard (try? JSONSerialization.jsonObject(with: Data(active.configJSON.utf8))) is [String: Any] else {
            return .fail("the configuration that \(active.id) was made with cannot be read", "cascade train")
        }
        return .ok("\(active.id): every file has its checksum, and it can be served")
    }
}

/// Slates are ordered by a ranker.
struct RankerCheck: DoctorCheck {
    let name = "ranker"
    let needs = DoctorNeed.schema

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        guard let active = context.active else { return .ok("no release is active") }
        guard let ranker = active.rankerModelID else {
            return .warn(
                "release \(active.id) has no ranker: slates keep the order of the sources",
                "import impressions with and without feedback (features.minimum_positives of each), then cascade train")
        }
        return .ok(ranker)
    }
}

/// The models have seen what happens now.
struct FreshnessCheck: DoctorCheck {
    let name = "freshness"
    let needs = DoctorNeed.schema
    var most = 7 * 86_400.0

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        guard let until = context.dataUntil, let newest = context.rows.latestFeedbackAt else {
            return .ok("there is no release, or no feedback")
        }
        let ahead = max(0, newest.seconds - until.seconds)
        let text = "the newest feedback is \(SizeText.duration(ahead)) ahead of the active release's data"
        return ahead > most
            ? .warn(text, "cascade train, or a schedule: `cascade jobs schedule set nightly train --every 1d`")
            : .ok(text)
    }
}

/// What changed since the build is few beside the index.
struct IndexDeltaCheck: DoctorCheck {
    let name = "index_delta"
    let needs = DoctorNeed.schema
    var most = 0.2

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        guard let served = context.served else { return .ok("no release is served") }
        let items = served.indexFigures.items
        let changed = served.delta.servedCount
        let gone = served.delta.withdrawnCount
        let text = "\(changed) items came or changed since the build of \(items), \(gone) are withdrawn"
        if changed >= context.configuration.serving.deltaLimit {
            return .fail("\(text): no more are served than serving.delta_limit", "cascade index rebuild")
        }
        let isLarge = Double(max(changed, gone)) > most * Double(items)
        return isLarge ? .warn(text, "cascade index rebuild") : .ok(text)
    }
}
