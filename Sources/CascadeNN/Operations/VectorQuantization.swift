import CKernels

/// best_r = argmin_j |x_r − e_j|², computed as |e_j|² − 2 x_r·e_j in tiles of rows. x [n × d], codebook [K × d].
struct NearestCode: Operation {
    static let tile = 256

    let x: Value
    let codebook: Value
    let best: Indices
    let norms: Scratch
    let products: Scratch

    func forward(_ m: Memory) {
        let x = m[x]
        let e = m[codebook]
        let lengths = m.scratch(norms)
        let room = m.scratch(products)
        ck_row_dot(lengths, 1, 0, e.base, e.stride, e.base, e.stride, e.rows, e.columns, 1)
        var start = 0
        while start < x.rows {
            let n = min(Self.tile, x.rows - start)
            BLAS.multiply(
                .secondTransposed, n, e.rows, e.columns, x.base + start * x.stride, x.stride, e.base, e.stride, add: 0,
                into: room, e.rows)
            ck_nearest(m.integers(best) + start, room, e.rows, lengths, n, e.rows)
            start += n
        }
    }
}

/// y = codes looked up, passed straight through: y_r = e_{codes[r]}, but gx = gy (van den Oord et al. 2017).
/// The codebook has no gradient here. x, y [n × d], codebook [K × d].
struct StraightThrough: Operation {
    let x: Value
    let codebook: Value
    let codes: Indices
    let y: Value

    func forward(_ m: Memory) {
        let e = m[codebook]
        let y = m[y]
        ck_gather(y.base, y.stride, e.base, e.stride, m.integers(codes), y.rows, 1, e.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let t = m.target(x) else { return }
        ck_scale(t.base, t.stride, t.add, g.base, g.stride, g.rows, g.columns, 1)
    }
}

extension Plan {
    /// The number of the nearest codebook row for each row of x; no gradient. codebook [K × d] in a fixed dimension.
    package func nearestCode(_ x: Value, codebook: Value) -> Indices {
        require(
            isFixed(codebook) && codebook.columns == x.columns, "nearestCode",
            "\(describe(codebook)) does not fit \(describe(x))")
        let best = indices(x.dimension, name: "nearest code")
        record(
            NearestCode(
                x: x, codebook: codebook, best: best, norms: scratch(codebook.dimension.capacity),
                products: scratch(NearestCode.tile * codebook.dimension.capacity)),
            "nearestCode", inputs: [x, codebook], outputs: [])
        return best
    }

    /// Replaces each row by its nearest code: the gradient passes straight through to x, and
    /// loss = mean over rows of |sg(x) − e|² + commitment · |x − sg(e)|² moves the codes and holds x near them.
    package func vectorQuantize(
        _ x: Value, codebook: Value, commitment: Float
    ) -> (quantized: Value, codes: Indices, loss: Value) {
        let codes = nearestCode(x, codebook: codebook)
        let quantized = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient([x]))
        record(
            StraightThrough(x: x, codebook: codebook, codes: codes, y: quantized), "straightThrough",
            inputs: [x, codebook], outputs: [quantized])
        let chosen = take(codebook, codes)
        let move = squaredError(chosen, targets: stopGradient(x))
        let hold = squaredError(x, targets: stopGradient(chosen))
        return (quantized, codes, weightedSum([(move, 1), (hold, commitment)]))
    }
}
