extension Plan {
    /// Cosine contrastive loss of unit vectors: w_r ((1 − s_pos) + (μ / |N|) Σ_j max(0, s_j − m)), averaged over the rows
    /// of the whole batch. μ is `negativeWeight`, m the `margin`.
    ///
    /// Source: Mao et al. 2021 ("SimpleX").
    package func cosineContrast(_ inputs: ContrastInputs, margin: Float, negativeWeight: Float) -> Value {
        contrast(
            inputs, temperature: .constant(1), form: .cosine(margin: margin, negativeWeight: negativeWeight),
            name: "cosineContrast")
    }
}
