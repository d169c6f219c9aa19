import CKernels

/// Blocks of columns as rows, or back: folded_{r·G+g} = flat_r[:, g·d ..< (g+1)·d].
/// flat [n × G·d], folded [n·G × d].
struct Fold: Operation {
    let flat: Value
    let folded: Value
    let groups: Int
    /// False: from folded to flat.
    let folds: Bool

    func forward(_ m: Memory) {
        let flat = m[flat]
        let folded = m[folded]
        for group in 0..<groups {
            let (left, right) = (flat.base + group * folded.columns, folded.base + group * folded.stride)
            if folds {
                ck_scale(
                    right, folded.stride * groups, 0, left, flat.stride, flat.rows, folded.columns, 1)
            } else {
                ck_scale(left, flat.stride, 0, right, folded.stride * groups, flat.rows, folded.columns, 1)
            }
        }
    }

    func backward(_ m: Memory) {
        let width = folded.columns
        if folds {
            let g = m.gradient(folded)
            guard let target = m.target(flat) else { return }
            for group in 0..<groups {
                ck_scale(
                    target.base + group * width, target.stride, target.add, g.base + group * g.stride,
                    g.stride * groups, g.rows / groups, width, 1)
            }
        } else {
            let g = m.gradient(flat)
            guard let target = m.target(folded) else { return }
            for group in 0..<groups {
                ck_scale(
                    target.base + group * target.stride, target.stride * groups, target.add, g.base + group * width,
                    g.stride, g.rows, width, 1)
            }
        }
    }
}

extension Plan {
    /// Equal blocks of columns as rows: [n × groups · d] → [n · groups × d]; what is done to a row is then done to each
    /// block with the same weights.
    package func fold(_ x: Value, groups: Int) -> Value {
        guard groups > 0, x.columns % groups == 0 else {
            fail(.shape(operation: "fold", detail: "\(describe(x)) has no \(groups) equal blocks"))
            return x
        }
        let y = makeValue(
            multiple(of: x.dimension, by: groups), columns: x.columns / groups, needsGradient: needsGradient([x]))
        record(Fold(flat: x, folded: y, groups: groups, folds: true), "fold", inputs: [x], outputs: [y])
        return y
    }

    /// The way back: [n · groups × d] → [n × groups · d], n the rows of `dimension`.
    package func unfold(_ x: Value, groups: Int, to dimension: Dimension) -> Value {
        guard groups > 0, x.dimension == multiple(of: dimension, by: groups) else {
            fail(.shape(operation: "unfold", detail: "\(describe(x)) has not \(groups) rows for each row"))
            return x
        }
        let y = makeValue(dimension, columns: x.columns * groups, needsGradient: needsGradient([x]))
        record(Fold(flat: y, folded: x, groups: groups, folds: false), "unfold", inputs: [x], outputs: [y])
        return y
    }
}
