import CKernels

/// Attention inside single rows, whose columns hold several queries and keys side by side. For each row, query q and
/// head: out_q = Σ_f p_qf v_f, p_q = softmax_f(scale · q_q·k_f). query, y [n × Q·h·w], key, value [n × F·h·w].
///
/// Only the log-sum-exp of each (row, query, head) is kept; the backward pass computes the probabilities again. Source:
/// the interacting layer of AutoInt, Song et al. 2019, equations 5 to 7, which has a scale of 1.
struct FieldAttention: Operation {
    let query: Value
    let key: Value
    let value: Value
    let queries: Int
    let keys: Int
    let heads: Int
    let scale: Float
    let y: Value
    let logSums: Value
    let room: Scratch

    private func inputs(_ m: Memory) -> ck_attention_inputs {
        let q = m[query]
        let k = m[key]
        let v = m[value]
        return ck_attention_inputs(
            query: q.base, key: k.base, value: v.base, bias: nil, offsets: nil, segment_of: nil, ldq: q.stride,
            ldk: k.stride, ldv: v.stride, ldb: 0, rows: q.rows, heads: heads, width: q.columns / (queries * heads),
            scale: scale)
    }

    func forward(_ m: Memory) {
        var inputs = inputs(m)
        let y = m[y]
        ck_field_attention(y.base, y.stride, m[logSums].base, &inputs, queries, keys, m.scratch(room))
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        var inputs = inputs(m)
        let gq = m.addingTarget(query)
        let gk = m.addingTarget(key)
        let gv = m.addingTarget(value)
        var gradients = ck_attention_gradients(
            query: gq?.base, key: gk?.base, value: gv?.base, bias: nil, ldq: gq?.stride ?? 0, ldk: gk?.stride ?? 0,
            ldv: gv?.stride ?? 0, ldb: 0)
        ck_field_attention_gradient(
            &gradients, g.base, g.stride, m[logSums].base, &inputs, queries, keys, m.scratch(room))
    }
}

extension Plan {
    /// Multi-head attention of the `queries` blocks of a row of `query` over the `keys` blocks of the same row of `key`
    /// and `value`; a block is the heads side by side. Without `scale` scores are divided by the root of a head's width.
    package func fieldAttention(
        query: Value, key: Value, value: Value, queries: Int, keys: Int, heads: Int, scale: Float? = nil
    ) -> Value {
        requireSame(key, value, "fieldAttention")
        guard queries > 0, keys > 0, heads > 0, query.columns % (queries * heads) == 0,
            query.dimension == key.dimension, key.columns == query.columns / queries * keys
        else {
            fail(
                .shape(
                    operation: "fieldAttention",
                    detail: "\(describe(query)) and \(describe(key)) cannot be \(queries) queries and \(keys) keys of "
                        + "\(heads) heads"))
            return query
        }
        let inputs = [query, key, value]
        let y = makeValue(query.dimension, columns: query.columns, needsGradient: needsGradient(inputs))
        let logSums = auxiliary(query.dimension, columns: queries * heads)
        let width = Float(query.columns / (queries * heads))
        record(
            FieldAttention(
                query: query, key: key, value: value, queries: queries, keys: keys, heads: heads,
                scale: scale ?? 1 / width.squareRoot(), y: y, logSums: logSums, room: scratch(2 * heads * keys)),
            "fieldAttention", inputs: inputs, outputs: [y], auxiliaries: [logSums])
        return y
    }
}
