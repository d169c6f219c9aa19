import Foundation

/// loss = Σ_c (e^{−s_c} L_c + s_c): losses weighed by learned weights, which the second term keeps from vanishing.
/// L, s [1 × c]. Where several workers share a batch each adds s_c times its share of the rows, so that their sum counts it
/// once, as L does.
///
/// Backward: gL_c = e^{−s_c}, gs_c = share − e^{−s_c} L_c. Source: Kendall, Gal and Cipolla 2018, section 3.2, with s the
/// logarithm of the variance.
struct UncertaintyWeighting: Operation {
    let losses: Value
    let logVariances: Value
    let rows: Dimension
    let y: Value

    private func share(_ m: Memory) -> Float {
        Float(m.rows(rows)) / Float(max(m.batchRows(rows), 1))
    }

    func forward(_ m: Memory) {
        let l = m[losses]
        let s = m[logVariances].base
        let share = share(m)
        var total: Float = 0
        for column in 0..<l.columns { total += Foundation.exp(-s[column]) * l.base[column] + share * s[column] }
        m[y].base.pointee = total
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y).base.pointee
        let l = m[losses]
        let s = m[logVariances].base
        let share = share(m)
        let gl = m.addingTarget(losses)
        let gs = m.addingTarget(logVariances)
        for column in 0..<l.columns {
            let weight = Foundation.exp(-s[column])
            if let gl { gl.base[column] += g * weight }
            if let gs { gs.base[column] += g * (share - weight * l.base[column]) }
        }
    }
}

extension Plan {
    /// Σ exp(−s) · loss + s over the columns of `losses` [1 × c], which are averages over the rows of a dimension, with
    /// learned s = `logVariances` [1 × c]: a scalar.
    package func uncertaintyWeighted(_ losses: Value, logVariances: Value, over rows: Dimension) -> Value {
        requireRow(losses, columns: losses.columns, "uncertaintyWeighted")
        requireRow(logVariances, columns: losses.columns, "uncertaintyWeighted")
        let inputs = [losses, logVariances]
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient(inputs))
        record(
            UncertaintyWeighting(losses: losses, logVariances: logVariances, rows: rows, y: y), "uncertaintyWeighted",
            inputs: inputs, outputs: [y])
        return y
    }
}
