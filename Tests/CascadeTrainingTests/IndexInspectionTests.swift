import CascadeCore
import CascadeModels
import CascadeStorage
import CascadeTraining
import Foundation
import Testing

@Suite struct IndexInspectionTests {
    private func inspection(_ fixture: TrainingFixture) -> IndexInspection {
        IndexInspection(
            catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
            releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory))
    }

    @Test func aSoundIndexIsTunedAndADamagedOneIsRefused() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            await #expect(throws: TrainingError.noActiveRelease) {
                try await inspection(fixture).verify(minimumRecall: 0.9)
            }
            await #expect(throws: TrainingError.noActiveRelease) {
                try await inspection(fixture).tune(recall: 0.9, k: 10, queries: 10)
            }
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 60, items: 300))
            let release = try await fixture.run()
            try await sound(fixture, release)
            try await tuned(fixture, release)
            try await damaged(fixture, release)
        }
    }

    private func sound(_ fixture: TrainingFixture, _ release: Release) async throws {
        let found = try await inspection(fixture).verify(minimumRecall: 0.9, sample: 50)
        #expect(found.releaseID == release.id)
        #expect(found.items == 300)
        #expect(found.compared == 50)
        #expect(found.queries == 60)
        #expect(found.recall >= 0.9)
        await #expect {
            try await inspection(fixture).verify(minimumRecall: 1.1)
        } throws: { error in
            if case .indexUnsound(let reason)? = error as? TrainingError {
                reason.contains("index.minimum_recall")
            } else {
                false
            }
        }
    }

    private func tuned(_ fixture: TrainingFixture, _ release: Release) async throws {
        let tuning = try await inspection(fixture).tune(recall: 0.95, k: 10, queries: 40)
        #expect(tuning.releaseID == release.id)
        #expect(tuning.ofUsers)
        #expect(tuning.queries == 40)
        #expect(tuning.best.recall >= 0.95)
        #expect(tuning.best.effort >= 10)
        #expect(tuning.efforts.map(\.effort).starts(with: [10, 20]))
        #expect(tuning.efforts.allSatisfy { (0...1).contains($0.recall) })
        for (recall, k, queries) in [(0, 10, 10), (1.01, 10, 10), (0.9, 0, 10), (0.9, 10, 0), (Double.nan, 10, 10)] {
            await #expect("\(recall) \(k) \(queries)") {
                try await inspection(fixture).tune(recall: recall, k: k, queries: queries)
            } throws: { error in
                if case .badArgument? = error as? TrainingError { true } else { false }
            }
        }
    }

    /// A file that was altered behind its checksum.
    private func damaged(_ fixture: TrainingFixture, _ release: Release) async throws {
        let folder = fixture.directory.appendingPathComponent(release.path)
        let file = folder.appendingPathComponent(ModelBundle.FileName.index)
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 0x40
        try FileManager.default.removeItem(at: file)
        try bytes.write(to: file)
        await #expect {
            try await inspection(fixture).verify(minimumRecall: 0.9)
        } throws: { error in
            guard case .indexUnsound(let reason)? = error as? TrainingError else { return false }
            return reason.contains(ModelBundle.FileName.index) && "\(error)".contains("cascade index rebuild")
        }
    }
}
