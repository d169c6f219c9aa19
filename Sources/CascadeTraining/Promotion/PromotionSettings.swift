/// When a new release may take the place of the active one.
package struct PromotionSettings: Hashable, Sendable, Codable {
    /// Whether a training run that can compare the two does so before it activates.
    package var gate = false
    /// Which figure of the ranker's main head is compared.
    package var figure = PairedBootstrap.Figure.auc
    /// How much worse the new release may be in that figure and in recall, at the lower end of the interval.
    package var margin = 0.005

    private enum CodingKeys: String, CodingKey {
        case gate, figure, margin
    }

    package init() {}

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        (0...1).contains(margin) ? [] : ["promotion.margin must be 0 to 1"]
    }
}
