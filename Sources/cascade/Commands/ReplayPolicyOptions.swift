import ArgumentParser
import CascadeCore
import CascadePipeline
import CascadeStorage

/// What is to be different from what was served; shared by `replay` and `off-policy`.
struct ReplayPolicyOptions: ParsableArguments {
    @Argument(help: "What heads would count for, such as like=2 click=0.5; others count as they did.")
    var factors: [HeadFactor] = []
    @Option(help: "Take the factors of this version first; see `cascade weights list`.") var version: Int?
    @Option(help: "At most so many items of one creator; 0: no cap.") var maxPerCreator: Int?
    @Option(help: "At most so many items of one category; 0: no cap.") var maxPerCategory: Int?
    @Option(help: "What each further item of a creator keeps of its score, 0 to 1.") var creatorDecay: Double?
    @Option(help: "What a score keeps at least, 0 to 1.") var creatorFloor: Double?
    @Option(help: "Draw places with this temperature; see pipeline.exploration.") var temperature: Double?
    @Option(help: "Draw places evenly with this probability.") var epsilon: Double?
    @Option(help: "How many candidates are drawn among.") var top: Int?
    @Flag(help: "Leave nothing to chance.") var noExploration = false
    @Option(help: "Do without a source; may be given again.") var withoutSource: [String] = []
    @Option(help: "Take at most so many candidates of a source, such as two_tower=100; may be given again.")
    var sourceLimit: [SourceLimit] = []
    @Option(help: "Do without a filter; may be given again.") var withoutFilter: [String] = []
    @Option(help: "Filter this item out; may be given again.") var excludeItem: [String] = []
    @Option(help: "Show only items that are of this category in the catalog now; may be given again.")
    var onlyCategory: [String] = []

    func validate() throws {
        for (name, value) in [("--creator-decay", creatorDecay), ("--creator-floor", creatorFloor)] {
            if let value, !(0...1).contains(value) { throw ValidationError("\(name) must be from 0 to 1") }
        }
        for (name, value) in [("--max-per-creator", maxPerCreator), ("--max-per-category", maxPerCategory)] {
            if let value, value < 0 { throw ValidationError("\(name) must be 0 (no cap) or more") }
        }
        let draws = temperature != nil || epsilon != nil || top != nil
        if noExploration, draws { throw ValidationError("--no-exploration goes with no setting of exploration") }
        if top != nil, temperature == nil, epsilon == nil {
            throw ValidationError(
                "--top needs --temperature or --epsilon: what is not named is 0, and nothing would be drawn")
        }
        if let problem = exploration.problems("--exploration").first { throw ValidationError(problem) }
        try Self.check(withoutSource + sourceLimit.map(\.source), among: ReplayPolicy.knownSources, "source")
        try Self.check(withoutFilter, among: ReplayPolicy.knownFilters, "filter")
    }

    private static func check(_ names: [String], among known: [String], _ what: String) throws {
        guard let unknown = names.first(where: { !known.contains($0) }) else { return }
        throw ValidationError("there is no \(what) '\(unknown)'; there are \(known.joined(separator: ", "))")
    }

    private var exploration: ExplorationSettings {
        var settings = ExplorationSettings()
        settings.temperature = temperature ?? settings.temperature
        settings.epsilon = epsilon ?? settings.epsilon
        settings.top = top ?? settings.top
        return settings
    }

    /// The policy, with what the database knows of versions and categories.
    func policy(_ session: Session) async throws -> ReplayPolicy {
        var policy = ReplayPolicy()
        if let version { policy.factors = try await WeightsCommand.version(version, session).factors }
        policy.factors.merge(try HeadFactor.dictionary(factors)) { $1 }
        policy.diversity = RecommendRequest.Diversity(
            creatorDecay: creatorDecay, creatorFloor: creatorFloor, maxPerCreator: maxPerCreator,
            maxPerCategory: maxPerCategory)
        if noExploration || temperature != nil || epsilon != nil || top != nil { policy.exploration = exploration }
        policy.withoutSources = Set(withoutSource)
        policy.sourceLimits = Dictionary(sourceLimit.map { ($0.source, $0.limit) }, uniquingKeysWith: min)
        policy.withoutFilters = Set(withoutFilter)
        policy.excludedItems = Set(excludeItem)
        if !onlyCategory.isEmpty {
            let wanted = Set(onlyCategory)
            let items = try await session.storage.catalog.items()
            policy.allowedItems = Set(items.filter { !wanted.isDisjoint(with: $0.categories) }.map(\.id.rawValue))
        }
        return policy
    }

    /// Refuses factors of heads that no trace has.
    static func check(_ policy: ReplayPolicy, heads: Set<String>) throws {
        guard let unknown = policy.factors.keys.filter({ !heads.contains($0) }).min(), !heads.isEmpty else { return }
        throw ValidationError(
            "no logged slate has the head '\(unknown)'; they have \(heads.sorted().joined(separator: ", "))")
    }
}

/// An argument `SOURCE=LIMIT`.
struct SourceLimit: ExpressibleByArgument {
    let source: String
    let limit: Int

    init?(argument: String) {
        guard let sign = argument.lastIndex(of: "="), sign > argument.startIndex,
            let limit = Int(argument[argument.index(after: sign)...]), limit > 0
        else { return nil }
        source = String(argument[..<sign])
        self.limit = limit
    }
}
