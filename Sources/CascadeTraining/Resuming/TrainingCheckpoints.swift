package import CascadeCore
import CascadeModels
package import Foundation

/// How far a training run is, kept in a folder beside the releases: what it read, and the weights and optimizers of each model.
///
/// Nothing is written before the run has taken so long that it would be a pity. A run that was killed is taken up with what it
/// had read, whatever came since, and gives the bits that it would have given.
package final class TrainingCheckpoints: @unchecked Sendable {  // why: a run uses it on one thread at a time
    /// What a run was told: only the same run goes on from a folder.
    struct Plan: Codable, Equatable {
        /// The settings as JSON.
        var settings: String
        var from: Int64?
        var until: Int64?
        /// The program: another may train otherwise.
        var codeVersion: String
        /// Whose run it is, such as a job's; nil for one that somebody began by hand.
        var owner: String?
        /// The release that the run goes on from.
        var warm: String?

        init(
            _ settings: TrainingSettings, _ period: Period, codeVersion: String = ProgramVersion.current,
            owner: String? = nil, warm: String? = nil
        ) throws {
            var told = settings
            told.threads = settings.threadCount
            // How often it is kept changes nothing that is trained.
            told.checkpointMinutes = 0
            self.settings = try ReleaseRecord.json(told)
            from = period.from?.microseconds
            until = period.until?.microseconds
            self.codeVersion = codeVersion
            self.owner = owner
            self.warm = warm
        }
    }

    private struct Note: Codable {
        var plan: Plan
        var startedAt: String
    }

    private enum Name {
        static let prefix = ".training-"
        static let note = "run.json"
        static let inputs = "inputs"
    }

    private let plan: Plan
    private let began: Timestamp
    private let folder: URL
    private let interval: Duration?
    private let now: @Sendable () -> ContinuousClock.Instant
    private var last: ContinuousClock.Instant
    private var claim: FolderClaim?
    private let inputs: TrainingInputs
    /// When the run began that this one goes on from; nil where it begins itself.
    let resumedFrom: Timestamp?

    /// A run that begins.
    ///
    /// - Parameters:
    ///   - began: before what the run read.
    ///   - interval: how often it is kept; nil: never.
    init(
        _ plan: Plan, _ inputs: TrainingInputs, began: Timestamp, in directory: URL, every interval: Duration?,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now }
    ) {
        self.plan = plan
        self.began = began
        self.inputs = inputs
        self.interval = interval
        self.now = now
        last = now()
        var random = SystemRandomNumberGenerator()
        folder = directory.appendingPathComponent(
            Name.prefix + ReleaseNames.make("run", at: .now, random: random.next()), isDirectory: true)
        resumedFrom = nil
    }

    private init(_ note: Note, _ folder: URL, _ claim: FolderClaim, period: Period, every interval: Duration?) throws {
        plan = note.plan
        guard let began = Timestamp(rfc3339: note.startedAt) else {
            throw ModelError.corruptArtifact(file: folder.path, reason: "it does not say when it began")
        }
        self.began = began
        self.folder = folder
        self.claim = claim
        self.interval = interval
        now = { ContinuousClock().now }
        last = now()
        inputs = try TrainingInputs(period: period, folder: folder.appendingPathComponent(Name.inputs))
        resumedFrom = began
    }

    /// The newest run of the same plan that was killed and kept something; nil where there is none that is whole.
    static func left(
        _ plan: Plan, period: Period, in directory: URL, every interval: Duration?
    ) -> (checkpoints: TrainingCheckpoints, inputs: TrainingInputs)? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        // Their names begin with the time.
        for name in names.filter({ $0.hasPrefix(Name.prefix) }).sorted(by: >) {
            let folder = directory.appendingPathComponent(name, isDirectory: true)
            guard let note = note(of: folder), note.plan == plan,
                let claim = FolderClaim(folder),
                let found = try? TrainingCheckpoints(note, folder, claim, period: period, every: interval)
            else { continue }
            return (found, found.inputs)
        }
        return nil
    }

    /// The part of one model.
    ///
    /// - Parameters:
    ///   - name: tells the models of a run apart, with the seed.
    func stage(_ name: String, seed: UInt64) -> StageCheckpoint {
        let plain = name.map { $0.isLetter || $0.isNumber ? $0 : "_" }
        return StageCheckpoint(
            self, folder: folder.appendingPathComponent("\(String(plain))-\(seed)", isDirectory: true))
    }

    /// Whether it is time to keep how far the run is; from then on it is not until the interval has passed again.
    func isDue() -> Bool {
        guard let interval else { return false }
        let moment = now()
        guard moment - last >= interval else { return false }
        last = moment
        return true
    }

    /// Whether something is kept.
    var isKept: Bool { claim != nil }

    /// Makes the folder with what the run read, where it is not there yet.
    func begin() throws {
        guard claim == nil else { return }
        let files = FileManager.default
        let reading = folder.appendingPathComponent(Name.inputs + ".part", isDirectory: true)
        // What it holds of users is nobody else's to read.
        try files.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try files.createDirectory(at: reading, withIntermediateDirectories: true)
        guard let claim = FolderClaim(folder) else {
            throw ModelError.unwritable(file: folder.path, reason: "it cannot be claimed")
        }
        try inputs.write(to: reading)
        try files.moveItem(at: reading, to: folder.appendingPathComponent(Name.inputs))
        // Last: a folder without the note is nobody's.
        let note = Note(plan: plan, startedAt: began.rfc3339)
        try JSONEncoder().encode(note).write(to: folder.appendingPathComponent(Name.note), options: .atomic)
        self.claim = claim
    }

    /// Removes what is kept: the run has come to its end.
    func end() {
        guard claim != nil else { return }
        try? FileManager.default.removeItem(at: folder)
        claim = nil
    }

    /// Folders of killed runs in `directory` that nobody works in and that began before `moment`.
    package static func abandoned(in directory: URL, before moment: Timestamp) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.filter { $0.hasPrefix(Name.prefix) }.map {
            directory.appendingPathComponent($0, isDirectory: true)
        }
        // One without a note came to nothing.
        .filter { (began($0) ?? Timestamp(microseconds: .min)) < moment && FolderClaim($0) != nil }
    }

    private static func began(_ folder: URL) -> Timestamp? {
        note(of: folder).flatMap { Timestamp(rfc3339: $0.startedAt) }
    }

    private static func note(of folder: URL) -> Note? {
        (try? Data(contentsOf: folder.appendingPathComponent(Name.note))).flatMap {
            try? JSONDecoder().decode(Note.self, from: $0)
        }
    }
}
