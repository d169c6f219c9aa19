import CascadeCore
import Hummingbird

/// The releases, to look at and to change which one is served.
struct ReleaseController: Sendable {
    let releases: any ReleaseStore & ReleaseTrainingStore
    let control: any ReleaseControlling

    func list(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let trainings = try await releases.trainings()
        let built = try await releases.releases()
        // One may have been registered between the two.
        let ids = Set(built.map(\.id))
        let all =
            built.map { ($0.createdAt, ReleaseDocument.json(of: $0)) }
            + trainings.filter { !ids.contains($0.id) }.map {
                ($0.beganAt, ReleaseDocument.json(of: $0, withConfiguration: false))
            }
        let newest = all.enumerated().sorted { ($1.element.0, $0.offset) < ($0.element.0, $1.offset) }
        return .json(["data": .array(newest.map(\.element.1)), "next_cursor": nil])
    }

    func get(_ call: Call) async throws -> Response {
        let id = try id(of: call)
        if let release = try await releases.release(id) {
            return .json(ReleaseDocument.json(of: release, report: try await releases.report(of: id)))
        }
        guard let training = try await releases.trainings().first(where: { $0.id == id }) else {
            // Registered just now, it is there by now.
            guard let release = try await releases.release(id) else { throw RequestFailure.missing("release '\(id)'") }
            return .json(ReleaseDocument.json(of: release, report: try await releases.report(of: id)))
        }
        return .json(ReleaseDocument.json(of: training, withConfiguration: true))
    }

    func activate(_ call: Call) async throws -> Response {
        let release = try await control.activate(try id(of: call))
        return .json(ReleaseDocument.json(of: release))
    }

    func rollback(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        guard let release = try await control.rollback() else {
            throw RequestFailure(.conflict, "no release was active before the present one")
        }
        return .json(ReleaseDocument.json(of: release))
    }

    private func id(of call: Call) throws -> String {
        try call.refuseQuery()
        let problems = Problems()
        let id = call.identifier("release_id", problems)
        try problems.check()
        return id
    }
}
