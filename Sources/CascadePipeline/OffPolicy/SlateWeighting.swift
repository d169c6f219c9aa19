/// What the probabilities of a slate's places are, and so how they weigh its rewards.
///
/// With `π` the target's and `π0` the logging policy's probability of what was shown:
package enum SlateWeighting: String, Hashable, Sendable, CaseIterable {
    /// Places are looked at each by itself, with the probability of the item at the place whatever stands elsewhere:
    /// `w_l = π(a_l | x) / π0(a_l | x)`. Right where the reward of a place does not depend on other places (the
    /// item-position model of Li et al., "Offline evaluation of ranking policies with click models", KDD 2018).
    case independent
    /// Probabilities are given all places before: `w_l = Π_{k ≤ l} π(a_k | a_<k) / π0(a_k | a_<k)`. Right where the reward of a
    /// place does not depend on later ones (McInerney et al., "Counterfactual evaluation of slate recommendations with
    /// sequential reward interactions", KDD 2020).
    case sequential
    /// The same probabilities, the whole slate weighing every place alike: `w_l = Π_k π(a_k | a_<k) / π0(a_k | a_<k)`. Right
    /// whatever depends on what, with the widest intervals (importance sampling of slates as in Swaminathan et al., 2017).
    case slate

    /// - Returns: of each place, what its reward weighs, and what a foretold reward of whatever the target would show there
    ///   weighs, which depends on the places before alone.
    package func weights(of slate: LoggedSlate) -> (own: [Double], before: [Double]) {
        let steps = slate.places.map { $0.target / $0.logging }
        switch self {
        case .independent: return (steps, steps.map { _ in 1 })
        case .sequential, .slate:
            var product = 1.0
            var own: [Double] = []
            var before: [Double] = []
            for step in steps {
                before.append(product)
                product *= step
                own.append(product)
            }
            return self == .sequential ? (own, before) : (own.map { _ in product }, before)
        }
    }
}
