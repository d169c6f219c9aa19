import CascadeFeatures
import CascadeNN

/// One output z for a value y, learned by its squared error in units of the training period:
///
///     L = (z − (t(y) − μ) / δ)²,  ŷ = t⁻¹(μ + δ z), within the range of the head
///
/// t the transform, μ and δ mean and deviation of the transformed values. With `log1p` ŷ is not a mean but the value in the
/// middle on that scale, which is below it where few values are large.
struct SquaredValue: ValueForm {
    static let kind = ValueLossKind.squared

    private let head: ValueHead

    init(_ head: ValueHead) { self.head = head }

    var columns: Int { 1 }

    func write(target value: Float, into targets: UnsafeMutablePointer<Float>) {
        targets[0] = Float((head.learned(value) - head.centre) / head.deviation)
    }

    func recordLoss(_ plan: Plan, outputs: Value, targets: Value, weights: Value) -> Value {
        plan.squaredError(outputs, targets: targets, weights: weights)
    }

    func value(of outputs: UnsafePointer<Float>) -> Float {
        let value = head.settings.transform.inverted(head.centre + head.deviation * Double(outputs[0]))
        // A NaN stays one, so that it is seen.
        return value.isNaN ? .nan : Float(min(max(value, head.minimum), head.maximum))
    }
}
