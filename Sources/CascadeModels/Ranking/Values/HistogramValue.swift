import CascadeFeatures
import CascadeNN
import Foundation

/// A histogram over n bins of one width w between two ends, with borders b_0 … b_n and middles c_i, learned by the
/// cross-entropy against the value spread over the bins:
///
///     q_i = ½ [erf((b_{i+1} − y) / (√2 σ)) − erf((b_i − y) / (√2 σ))] / Z,  σ = s · w,  Z the same of all bins together
///     L = −Σ_i q_i log p_i,  p = softmax(z),  ŷ = Σ_i p_i t⁻¹(c_i)
///
/// y the transformed value, t the transform. Values beyond the ends are taken for the end.
///
/// Source: Imani and White 2018, "Improving Regression Performance with Distributional Losses", section 3 (HL-Gaussian);
/// Farebrother et al. 2024, "Stop Regressing: Training Value Functions via Classification for Scalable Deep RL".
struct HistogramValue: ValueForm {
    static let kind = ValueLossKind.histogram

    private let head: ValueHead
    private let width: Double
    /// [bins] what the middle of each bin stands for.
    private let middles: [Double]

    init(_ head: ValueHead) {
        self.head = head
        let width = (head.high - head.low) / Double(head.settings.bins)
        middles = (0..<head.settings.bins).map {
            head.settings.transform.inverted(head.low + width * (Double($0) + 0.5))
        }
        self.width = width
    }

    var columns: Int { middles.count }

    func write(target value: Float, into targets: UnsafeMutablePointer<Float>) {
        let middle = min(max(head.learned(value), head.low), head.high)
        let scale = 1 / (2.0.squareRoot() * head.settings.sigma * width)
        func mass(below bin: Int) -> Double { erf((head.low + width * Double(bin) - middle) * scale) }
        let whole = mass(below: columns) - mass(below: 0)
        var left = mass(below: 0)
        for bin in 0..<columns {
            let right = mass(below: bin + 1)
            targets[bin] = Float((right - left) / whole)
            left = right
        }
    }

    func recordLoss(_ plan: Plan, outputs: Value, targets: Value, weights: Value) -> Value {
        plan.softCrossEntropy(logits: outputs, targets: targets, weights: weights)
    }

    func value(of outputs: UnsafePointer<Float>) -> Float {
        var largest = outputs[0]
        for bin in 1..<columns { largest = max(largest, outputs[bin]) }
        var (sum, total) = (0.0, 0.0)
        for bin in 0..<columns {
            let share = Foundation.exp(Double(outputs[bin] - largest))
            sum += share * middles[bin]
            total += share
        }
        return Float(sum / total)
    }
}
