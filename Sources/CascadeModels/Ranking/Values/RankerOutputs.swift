import CascadeFeatures
package import CascadeNN
import Foundation

/// What the ranker gives for a row, side by side: the probability of each head, then the value of each value head.
package struct RankerOutputs: Sendable {
    /// One a value head.
    package let forms: [any ValueForm]
    private let heads: Int

    init(heads: Int, forms: [any ValueForm]) {
        self.heads = heads
        self.forms = forms
    }

    /// [R × (heads + value heads)] after a forward pass.
    ///
    /// - Parameters:
    ///   - logits: [R × heads].
    ///   - values: one a value head, [R × its columns].
    package func values(_ plan: Plan, logits: Value, values: [Value]) -> [Float] {
        let probabilities = plan.values(of: logits).map { 1 / (1 + exp(-$0)) }
        if forms.isEmpty { return probabilities }
        let outputs = values.map { plan.values(of: $0) }
        let columns = heads + forms.count
        let rows = probabilities.count / heads
        var result = [Float](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            for head in 0..<heads { result[row * columns + head] = probabilities[row * heads + head] }
            for (place, form) in forms.enumerated() {
                outputs[place].withUnsafeBufferPointer { output in
                    guard let base = output.baseAddress else { return }
                    result[row * columns + heads + place] = form.value(of: base + row * form.columns)
                }
            }
        }
        return result
    }
}
