/// What is measured of a ranker beyond the figures of its heads.
package struct RankerEvaluationOptions: Hashable, Sendable {
    /// Of the intervals; none for 0 draws.
    package var bootstrap: BootstrapOptions
    /// Whether parts of the rows are measured too.
    package var hasSlices: Bool
    /// How the features are permuted; nil: not at all.
    package var importance: ImportanceOptions?

    package init(
        bootstrap: BootstrapOptions = .init(), hasSlices: Bool = true, importance: ImportanceOptions? = nil
    ) {
        self.bootstrap = bootstrap
        self.hasSlices = hasSlices
        self.importance = importance
    }

    /// The figures of the heads and nothing else, as training and experiments want them.
    package static let plain: RankerEvaluationOptions = {
        var options = RankerEvaluationOptions(hasSlices: false)
        options.bootstrap.draws = 0
        return options
    }()
}
