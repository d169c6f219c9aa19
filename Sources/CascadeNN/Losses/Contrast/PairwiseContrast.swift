extension Plan {
    /// Bayesian personalised ranking against every negative: (w_r / |N|) Σ_j −log σ(s_pos − s_j), averaged over the rows
    /// of the whole batch.
    ///
    /// Source: Rendle et al. 2009.
    package func pairwiseContrast(_ inputs: ContrastInputs, temperature: Temperature) -> Value {
        contrast(inputs, temperature: temperature, form: .pairwise, name: "pairwiseContrast")
    }
}
