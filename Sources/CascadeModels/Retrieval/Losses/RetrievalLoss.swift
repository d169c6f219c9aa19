package import CascadeNN

/// The negatives that a retrieval loss tells a row's item from.
package enum RetrievalNegatives: Sendable {
    /// Every item that somebody met.
    case everyItem
    /// Items of the batch and drawn ones.
    case sampled
}

/// What a retrieval loss takes off the logits of its sampled columns.
package enum SamplingCorrection: Sendable {
    case none
    /// Log of the probability that the item is among the columns.
    case inclusion
    /// The same as a share of the columns, for losses that average over them.
    case share
}

/// The rows of a batch and the columns that they are told from.
package struct RetrievalRows {
    /// User vectors, item vectors, positives, corrections and weights.
    package var columns: ContrastInputs
    /// [B × 1] cosines that the head of each row's list begins at; for losses that weigh by it.
    package var thresholds: Value?
    /// Negatives a row has, about.
    package var negatives: Int
    /// Items that negatives are drawn from.
    package var items: Int

    package init(columns: ContrastInputs, thresholds: Value?, negatives: Int, items: Int) {
        self.columns = columns
        self.thresholds = thresholds
        self.negatives = negatives
        self.items = items
    }
}

/// One way to tell a row's item from others; the configuration chooses by name.
///
/// In the formulas s is the cosine over the temperature, p the row's item and N its negatives.
package protocol RetrievalLoss: Sendable {
    static var name: String { get }
    static var negatives: RetrievalNegatives { get }
    static var correction: SamplingCorrection { get }
    /// Whether it reads `RetrievalRows.thresholds`.
    static var weighsHead: Bool { get }
    /// Records the loss: one number, averaged over the rows of the whole batch.
    static func record(_ plan: Plan, _ rows: RetrievalRows, _ settings: RetrievalSettings) -> Value
}

extension RetrievalLoss {
    package static var negatives: RetrievalNegatives { .sampled }
    package static var correction: SamplingCorrection { .none }
    package static var weighsHead: Bool { false }
}

/// The losses that `retrieval.loss` can name.
package enum RetrievalLosses {
    private static let all: [any RetrievalLoss.Type] = [
        FullSoftmaxLoss.self, SampledSoftmaxLoss.self, LogQLoss.self, CorrectedLogQLoss.self, SoftmaxLoss.self,
        HeadSoftmaxLoss.self, CosineContrastiveLoss.self, CalibratedCrossEntropyLoss.self, PairwiseLoss.self,
    ]

    /// The names, sorted.
    package static var names: [String] { all.map { $0.name }.sorted() }

    /// The loss of that name; `unknownModel` where there is none.
    package static func type(named name: String) throws(ModelError) -> any RetrievalLoss.Type {
        guard let type = all.first(where: { $0.name == name }) else {
            throw .unknownModel(name: name, known: names)
        }
        return type
    }
}
