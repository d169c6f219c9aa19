package import CascadeCore

/// Inverse probability scoring: `V = 1/n Σ_i Σ_l w_il r_il` (Horvitz and Thompson, 1952; for bandit logs Dudík, Langford and
/// Li, "Doubly robust policy evaluation and learning", ICML 2011, equation 3).
///
/// Unbiased where the log supports the target, with a variance that grows with the weights.
package struct InverseProbabilityEstimator: OffPolicyEstimator {
    package let name = "ips"

    package init() {}

    package func value(_ log: OffPolicyLog) throws(OffPolicyError) -> ClusteredRatio {
        log.ratio { slate in
            zip(log.weighting.weights(of: slate).own, slate.places).reduce(0) { $0 + $1.0 * $1.1.reward }
        }
    }
}
