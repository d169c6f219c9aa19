import CascadeNN

/// What the ranker makes of a context's past, for a candidate.
///
/// What the steps say by themselves is computed once a context (once a request in service); what the candidate asks of
/// them, once a row. Steps lie newest first.
protocol HistoryEncoder: Sendable {
    /// What the configuration calls it.
    static var name: String { get }
    init(_ store: ParameterStore, shape: HistoryShape, settings: RankerSettings) throws
    /// Columns of what a row gets.
    var width: Int { get }
    /// Columns of each value that a step hands to the rows.
    var stepWidths: [Int] { get }
    /// Columns of what a candidate asks of every past, whosever it is; 0 where it asks nothing by itself.
    var questionWidth: Int { get }
    /// Whether each row reads a copy of the past of its own.
    var unrolling: Unrolling { get }
    /// Newest steps that each row is handed one by one.
    var newest: Int { get }
    /// Records what H steps say: one value [H × width] for each of `stepWidths`.
    func recordSteps(_ plan: Plan, _ steps: HistorySteps) -> [Value]
    /// Records what candidates [n × item width] ask: [n × questionWidth]. Once a release in service.
    func recordQuestions(_ plan: Plan, _ candidates: Value) -> Value
    /// Records what the rows take: [R × width].
    func recordRows(_ plan: Plan, _ rows: HistoryRows) -> Value
}

extension HistoryEncoder {
    var newest: Int { 0 }
    var questionWidth: Int { 0 }

    func recordQuestions(_ plan: Plan, _ candidates: Value) -> Value { candidates }
}

/// What a history encoder is built for.
struct HistoryShape: Sendable {
    /// Columns of an item.
    let itemWidth: Int
    /// Values that the feedback code of a step takes.
    let codes: Int
    /// Steps of the longest past.
    let length: Int
    /// Whether it is known how long each step was before the request.
    let readsTimes: Bool
}

/// The steps of the contexts of a plan: H of them, pointing into I items.
struct HistorySteps {
    /// [I × item width].
    let items: Value
    let item: Indices
    let code: Indices
    /// 0 for the newest of a context, 1 for the one before, …
    let age: Indices
    /// The bucket of the time between a step and the request; nil where no times are read.
    let gap: Indices?
}

/// What rows have of their contexts' pasts.
struct HistoryRows {
    /// [R × item width].
    let candidates: Value
    /// [R × questionWidth] what they ask; the candidates of encoders that ask nothing.
    let questions: Value
    /// [H × …] as `recordSteps` gave them.
    let steps: [Value]
    /// C contexts of H steps.
    let offsets: Offsets
    /// [R] the context of each row.
    let context: Indices
    /// Where the encoder asks for them.
    let unrolled: UnrolledSteps?
}

/// The history encoders that the configuration can name.
enum HistoryEncoders {
    static let members = Members<any HistoryEncoder.Type>(
        key: "ranker.history",
        all: [
            AttentionHistory.name: AttentionHistory.self,
            BehaviourSequenceTransformer.name: BehaviourSequenceTransformer.self,
            InterestActivation.name: InterestActivation.self,
            MeanHistory.name: MeanHistory.self,
            SequentialTransducer.name: SequentialTransducer.self,
            TransAct.name: TransAct.self,
        ], absence: "none")

    /// Declares the one that `settings` name; nil for none.
    static func make(
        _ store: ParameterStore, shape: HistoryShape, settings: RankerSettings
    ) throws -> (any HistoryEncoder)? {
        try members.member(settings.history)?.init(store, shape: shape, settings: settings)
    }
}
