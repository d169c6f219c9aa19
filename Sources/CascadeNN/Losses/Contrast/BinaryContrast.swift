extension Plan {
    /// Binary cross-entropy of the positive against each negative:
    /// w_r (−β log σ(s_pos) − Σ_j log σ(−s_j)) / (1 + |N|), averaged over the rows of the whole batch.
    ///
    /// β is `positiveWeight`, the power of the positive's probability; below 1 it takes back the overconfidence that
    /// sampling negatives brings. Source: Petrov and Macdonald 2023 ("gSASRec").
    package func binaryContrast(_ inputs: ContrastInputs, temperature: Temperature, positiveWeight: Float) -> Value {
        contrast(
            inputs, temperature: temperature, form: .binary(positiveWeight: positiveWeight), name: "binaryContrast")
    }
}
