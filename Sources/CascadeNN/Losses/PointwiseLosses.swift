import CKernels

/// Losses of one matrix against given targets. The forward pass computes the gradient with the loss and keeps it.
///
/// loss = (1 / rows of the whole batch) Σ_r Σ_c w_rc · l(x_rc, t_rc), with
/// binary cross-entropy l = log(1 + eˣ) − t·x (t pulled towards ½ by `smoothing`) or squared error l = (x − t)².
/// x, targets, weights [n × c], y [1 × 1].
struct PointwiseLoss: Operation {
    enum Kind {
        case binaryCrossEntropy
        case squaredError
    }

    let kind: Kind
    let x: Value
    let targets: Value
    let weights: Value?
    let smoothing: Float
    let slopes: Value?
    let y: Value

    func forward(_ m: Memory) {
        let x = m[x]
        let t = m[targets]
        let w = weights.map { m[$0] }
        let g = slopes.map { m[$0] }
        let total: Double
        switch kind {
        case .binaryCrossEntropy:
            total = ck_binary_cross_entropy(
                g?.base, g?.stride ?? 0, x.base, x.stride, t.base, t.stride, w?.base, w?.stride ?? 0, smoothing,
                x.rows, x.columns)
        case .squaredError:
            total = ck_squared_error(
                g?.base, g?.stride ?? 0, x.base, x.stride, t.base, t.stride, w?.base, w?.stride ?? 0, x.rows,
                x.columns)
        }
        m.setLoss(y, total: total, over: self.x.dimension)
    }

    func backward(_ m: Memory) { m.passSlopes(slopes, of: y, to: x) }
}

extension Plan {
    /// Binary cross-entropy of logits against labels in 0...1, summed over columns (heads), averaged over the rows of
    /// the whole batch. Weights [rows × heads] multiply the elements; a weight of 0 is a missing label.
    package func binaryCrossEntropy(
        logits: Value, labels: Value, weights: Value? = nil, smoothing: Float = 0
    ) -> Value {
        pointwise(.binaryCrossEntropy, "binaryCrossEntropy", logits, labels, weights, smoothing)
    }

    /// Squared error summed over columns, averaged over the rows of the whole batch.
    package func squaredError(_ predictions: Value, targets: Value, weights: Value? = nil) -> Value {
        pointwise(.squaredError, "squaredError", predictions, targets, weights, 0)
    }

    private func pointwise(
        _ kind: PointwiseLoss.Kind, _ name: String, _ x: Value, _ targets: Value, _ weights: Value?,
        _ smoothing: Float
    ) -> Value {
        requireSame(x, targets, name)
        if let weights { requireSame(x, weights, name) }
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient([x]))
        let slopes = keptSlopes(of: x)
        record(
            PointwiseLoss(
                kind: kind, x: x, targets: targets, weights: weights, smoothing: smoothing, slopes: slopes, y: y),
            name, inputs: [x, targets] + (weights.map { [$0] } ?? []), outputs: [y],
            auxiliaries: slopes.map { [$0] } ?? [])
        return y
    }
}
