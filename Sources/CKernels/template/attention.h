// Softmax attention of single rows over segments, and the softmax inside self-attention.

// Scores of one row: s[h · n + e] = scale · q_h·k_eh + bias_eh. `width` is a constant where it is a common one.
CK_INLINE void ck_scores(float *s, const ck_attention_inputs *a, ck_int row, ck_int start, ck_int n, ck_int width) {
    for (ck_int e = 0; e < n; e++) {
        const float *q = a->query + row * a->ldq, *k = a->key + (start + e) * a->ldk;
        for (ck_int h = 0; h < a->heads; h++) {
            float d = 0;
            CK_EACH_SHORT for (ck_int c = 0; c < width; c++) d += q[h * width + c] * k[h * width + c];
            d *= a->scale;
            s[h * n + e] = a->bias ? d + a->bias[(start + e) * a->ldb + h] : d;
        }
    }
}

CK_INLINE void ck_attend(float *out, float *lse, const ck_attention_inputs *a, ck_int row, ck_int start, ck_int n,
                         float *s, ck_int width) {
    ck_scores(s, a, row, start, n, width);
    for (ck_int h = 0; h < a->heads; h++) {
        float top = ck_max_of(s + h * n, n);
        float total = ck_exp_sum(s + h * n, s + h * n, top, n), inverse = 1.0f / total;
        lse[h] = top + ck_logf(total);
        CK_EACH for (ck_int e = 0; e < n; e++) s[h * n + e] *= inverse;
    }
    for (ck_int c = 0; c < a->heads * width; c++) out[c] = 0;
    for (ck_int e = 0; e < n; e++) {
        const float *v = a->value + (start + e) * a->ldv;
        for (ck_int h = 0; h < a->heads; h++) {
            float p = s[h * n + e];
            CK_EACH_SHORT for (ck_int c = 0; c < width; c++) out[h * width + c] += p * v[h * width + c];
        }
    }
}

#define CK_BY_WIDTH(width, CALL) \
    switch (width) {             \
    case 8: CALL(8); break;      \
    case 16: CALL(16); break;    \
    case 32: CALL(32); break;    \
    case 64: CALL(64); break;    \
    default: CALL(width); break; \
    }

static void k_attention(float *out, ck_int ldo, float *lse, const ck_attention_inputs *a, float *scratch) {
    for (ck_int r = 0; r < a->rows; r++) {
        ck_int segment = a->segment_of ? a->segment_of[r] : r;
        ck_int start = a->offsets[segment], n = a->offsets[segment + 1] - start;
        float *or = out + r * ldo, *lr = lse + r * a->heads;
#define CK_CALL(w) ck_attend(or, lr, a, r, start, n, scratch, w)
        CK_BY_WIDTH(a->width, CK_CALL)
#undef CK_CALL
    }
}

CK_INLINE void ck_attend_gradient(const ck_attention_gradients *g, const float *go, const float *lse,
                                  const ck_attention_inputs *a, ck_int row, ck_int start, ck_int n, float *s,
                                  ck_int width) {
    float *d = s + a->heads * n;
    ck_scores(s, a, row, start, n, width);
    for (ck_int h = 0; h < a->heads; h++) {
        float shift = lse[h];
        CK_EACH for (ck_int e = 0; e < n; e++) s[h * n + e] = ck_expf(s[h * n + e] - shift);
    }
    for (ck_int e = 0; e < n; e++) {
        const float *v = a->value + (start + e) * a->ldv;
        for (ck_int h = 0; h < a->heads; h++) {
            float t = 0, p = s[h * n + e];
            CK_EACH_SHORT for (ck_int c = 0; c < width; c++) t += go[h * width + c] * v[h * width + c];
            d[h * n + e] = t;
            if (!g->value) continue;
            float *gv = g->value + (start + e) * g->ldv + h * width;
            CK_EACH_SHORT for (ck_int c = 0; c < width; c++) gv[c] += p * go[h * width + c];
        }
    }
    for (ck_int h = 0; h < a->heads; h++) {
        float dot = k_dot(s + h * n, d + h * n, n);
        CK_EACH for (ck_int e = 0; e < n; e++) d[h * n + e] = s[h * n + e] * (d[h * n + e] - dot);
    }
    const float *q = a->query + row * a->ldq;
    for (ck_int e = 0; e < n; e++) {
        const float *k = a->key + (start + e) * a->ldk;
        for (ck_int h = 0; h < a->heads; h++) {
            float t = d[h * n + e], u = t * a->scale;
            if (g->bias) g->bias[(start + e) * g->ldb + h] += t;
            if (g->query) {
                float *gq = g->query + row * g->ldq + h * width;
                CK_EACH_SHORT for (ck_int c = 0; c < width; c++) gq[c] += u * k[h * width + c];
            }
            if (g->key) {
                float *gk = g->key + (start + e) * g->ldk + h * width;
                CK_EACH_SHORT for (ck_int c = 0; c < width; c++) gk[c] += u * q[h * width + c];
            }
        }
    }
}

static void k_attention_gradient(const ck_attention_gradients *g, const float *gout, ck_int ldgo, const float *lse,
                                 const ck_attention_inputs *a, float *scratch) {
    for (ck_int r = 0; r < a->rows; r++) {
        ck_int segment = a->segment_of ? a->segment_of[r] : r;
        ck_int start = a->offsets[segment], n = a->offsets[segment + 1] - start;
        const float *go = gout + r * ldgo, *lr = lse + r * a->heads;
#define CK_CALL(w) ck_attend_gradient(g, go, lr, a, r, start, n, scratch, w)
        CK_BY_WIDTH(a->width, CK_CALL)
#undef CK_CALL
    }
}

// The row r of matrices whose rows hold several queries and keys side by side, as operands of one row each.
CK_INLINE ck_attention_inputs ck_row_of_fields(const ck_attention_inputs *a, ck_int r) {
    ck_attention_inputs row = *a;
    row.query += r * a->ldq;
    row.key += r * a->ldk;
    row.value += r * a->ldv;
    row.ldq = row.ldk = row.ldv = a->heads * a->width;
    return row;
}

static void k_field_attention(float *out, ck_int ldo, float *lse, const ck_attention_inputs *a, ck_int queries,
                              ck_int keys, float *scratch) {
    ck_int all = a->heads * a->width;
    for (ck_int r = 0; r < a->rows; r++) {
        ck_attention_inputs row = ck_row_of_fields(a, r);
        for (ck_int q = 0; q < queries; q++) {
            float *or = out + r * ldo + q * all, *lr = lse + (r * queries + q) * a->heads;
#define CK_CALL(w) ck_attend(or, lr, &row, q, 0, keys, scratch, w)
            CK_BY_WIDTH(a->width, CK_CALL)
#undef CK_CALL
        }
    }
}

static void k_field_attention_gradient(const ck_attention_gradients *g, const float *gout, ck_int ldgo,
                                       const float *lse, const ck_attention_inputs *a, ck_int queries, ck_int keys,
                                       float *scratch) {
    ck_int all = a->heads * a->width;
    for (ck_int r = 0; r < a->rows; r++) {
        ck_attention_inputs row = ck_row_of_fields(a, r);
        ck_attention_gradients gr = {NULL, NULL, NULL, NULL, all, all, all, 0};
        if (g->query) gr.query = g->query + r * g->ldq;
        if (g->key) gr.key = g->key + r * g->ldk;
        if (g->value) gr.value = g->value + r * g->ldv;
        for (ck_int q = 0; q < queries; q++) {
            const float *go = gout + r * ldgo + q * all, *lr = lse + (r * queries + q) * a->heads;
#define CK_CALL(w) ck_attend_gradient(&gr, go, lr, &row, q, 0, keys, scratch, w)
            CK_BY_WIDTH(a->width, CK_CALL)
#undef CK_CALL
        }
    }
}

CK_INLINE ck_int ck_distance(ck_int i, ck_int j, ck_int distances, ck_int centre) {
    ck_int d = i - j + centre;
    return d < 0 ? 0 : d >= distances ? distances - 1 : d;
}

static void k_self_softmax(float *s, ck_int n, float scale, int causal, const float *bias, ck_int ldb,
                           ck_int distances, ck_int centre) {
    for (ck_int i = 0; i < n; i++) {
        float *row = s + i * n;
        ck_int seen = causal ? i + 1 : n;
        CK_EACH for (ck_int j = 0; j < seen; j++) row[j] *= scale;
        if (bias)
            for (ck_int j = 0; j < seen; j++) row[j] += bias[ck_distance(i, j, distances, centre) * ldb];
        float total = ck_exp_sum(row, row, ck_max_of(row, seen), seen), inverse = 1.0f / total;
        CK_EACH for (ck_int j = 0; j < seen; j++) row[j] *= inverse;
        for (ck_int j = seen; j < n; j++) row[j] = 0;
    }
}

static void k_self_softmax_gradient(float *dp, const float *p, ck_int n, float scale, float *gbias, ck_int ldb,
                                    ck_int distances, ck_int centre) {
    for (ck_int i = 0; i < n; i++) {
        float *d = dp + i * n;
        const float *pi = p + i * n;
        float dot = k_dot(d, pi, n);
        CK_EACH for (ck_int j = 0; j < n; j++) d[j] = pi[j] * (d[j] - dot);
        if (gbias)
            for (ck_int j = 0; j < n; j++) gbias[ck_distance(i, j, distances, centre) * ldb] += d[j];
        CK_EACH for (ck_int j = 0; j < n; j++) d[j] *= scale;
    }
}
