/// The temperature of a loss over logits.
package enum Temperature: Sendable {
    /// Logits are divided by this number.
    case constant(Float)
    /// Logits are multiplied by e^s, s a learned 1×1 value (start with log(1/τ)).
    case learned(Value)
}
