import CKernels

/// y = Σ_k gates[:, k] · expert_k. experts [n × c], gates [n × K], y [n × c].
///
/// Backward: gexpert_k = gates[:, k] · gy, ggates[r, k] = gy_r · expert_k,r.
struct Mixture: Operation {
    let experts: [Value]
    let gates: Value
    let y: Value

    func forward(_ m: Memory) {
        let gates = m[gates]
        let y = m[y]
        for index in experts.indices {
            let expert = m[experts[index]]
            ck_scale_rows(
                y.base, y.stride, index == 0 ? 0 : 1, expert.base, expert.stride, gates.base + index, gates.stride,
                y.rows, y.columns)
        }
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let gates = m[gates]
        let target = m.target(self.gates)
        for index in experts.indices {
            let expert = m[experts[index]]
            if let target {
                ck_row_dot(
                    target.base + index, target.stride, target.add, g.base, g.stride, expert.base, expert.stride,
                    g.rows, g.columns, 1)
            }
            if let t = m.target(experts[index]) {
                ck_scale_rows(
                    t.base, t.stride, t.add, g.base, g.stride, gates.base + index, gates.stride, g.rows, g.columns)
            }
        }
    }
}

/// y = the k largest gates of each row, the others 0, divided by their sum if `renormalize`. x, y [n × K]; ties keep the
/// first. Backward: gx = (gy − gy·y)/s on the kept gates, s their sum; without renormalising gx = gy there.
struct TopKGates: Operation {
    let x: Value
    let y: Value
    let sums: Value
    let k: Int
    let renormalize: Bool

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_top_k(y.base, y.stride, m[sums].base, x.base, x.stride, x.rows, x.columns, k, renormalize ? 1 : 0)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let t = m.addingTarget(x) else { return }
        let y = m[y]
        ck_top_k_gradient(
            t.base, t.stride, g.base, g.stride, y.base, y.stride, m[sums].base, y.rows, y.columns, renormalize ? 1 : 0)
    }
}

extension Plan {
    /// Σ_k gates[:, k] · experts[k] for experts of equal shape.
    package func mixture(experts: [Value], gates: Value) -> Value {
        guard let first = experts.first, gates.columns == experts.count else {
            fail(.shape(operation: "mixture", detail: "\(experts.count) experts do not fit \(describe(gates))"))
            return gates
        }
        for expert in experts { requireSame(first, expert, "mixture") }
        require(gates.dimension == first.dimension, "mixture", "gates and experts have different dimensions")
        let inputs = experts + [gates]
        let y = makeValue(first.dimension, columns: first.columns, needsGradient: needsGradient(inputs))
        record(Mixture(experts: experts, gates: gates, y: y), "mixture", inputs: inputs, outputs: [y])
        return y
    }

    /// Keeps the k largest positive gates of each row and zeroes the others.
    package func topKGates(_ gates: Value, k: Int, renormalize: Bool = true) -> Value {
        require(k > 0 && k <= gates.columns, "topKGates", "cannot keep \(k) of \(gates.columns) gates")
        let y = makeValue(gates.dimension, columns: gates.columns, needsGradient: needsGradient([gates]))
        let sums = auxiliary(gates.dimension, columns: 1)
        record(
            TopKGates(x: gates, y: y, sums: sums, k: k, renormalize: renormalize), "topKGates", inputs: [gates],
            outputs: [y], auxiliaries: [sums])
        return y
    }
}
