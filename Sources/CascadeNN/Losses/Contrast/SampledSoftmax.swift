/// Which of the published corrections `sampledSoftmax` applies.
package struct SampledSoftmaxOptions: Sendable, Equatable {
    /// Whether log Q is subtracted from the positive's logit too (Yi et al. 2019) or only from the negatives'
    /// (Khrylchenko et al. 2025).
    package var positiveCorrected: Bool
    /// Whether the positive is a term of the denominator.
    package var positiveInDenominator: Bool
    /// Multiplies each row's loss by 1 − P(positive), as a constant, with P from the mean over the negatives
    /// (Khrylchenko et al. 2025; use it with the two others off).
    package var posteriorWeighted: Bool

    /// The defaults are the plain sampling-bias correction of Yi et al. 2019.
    package init(
        positiveCorrected: Bool = true, positiveInDenominator: Bool = true, posteriorWeighted: Bool = false
    ) {
        self.positiveCorrected = positiveCorrected
        self.positiveInDenominator = positiveInDenominator
        self.posteriorWeighted = posteriorWeighted
    }
}

/// A row's weight by how near its positive is to the head of its list: σ((s_positive − threshold) · sharpness), a
/// constant of the gradient. `values` is [B × 1], in logits.
///
/// Source: the top-K weighting of the softmax loss, Yang et al. 2025 ("SL@K").
package struct HeadWeighting {
    package var thresholds: Value
    package var sharpness: Float

    package init(thresholds: Value, sharpness: Float) {
        self.thresholds = thresholds
        self.sharpness = sharpness
    }
}

extension Plan {
    /// Softmax over a sample of columns: c = s·U·Vᵀ − log Q, one positive column a row.
    ///
    /// loss = (1 / rows of U in the whole batch) Σ_r w_r (log Σ_j e^{c_rj} − c_r,pos)
    package func sampledSoftmax(
        _ inputs: ContrastInputs, temperature: Temperature, options: SampledSoftmaxOptions = .init(),
        head: HeadWeighting? = nil
    ) -> Value {
        contrast(
            inputs, thresholds: head?.thresholds, temperature: temperature,
            form: .softmax(options, sharpness: head?.sharpness ?? 1), name: "sampledSoftmax")
    }
}
