// Losses with their gradients in the same pass.

// −[t log σ(x) + (1 − t) log(1 − σ(x))] = softplus(x) − t x; smoothing moves t towards ½.
static double k_binary_cross_entropy(float *g, ck_int ldg, const float *logits, ck_int ldx, const float *labels,
                                     ck_int ldl, const float *weights, ck_int ldw, float smoothing, ck_int rows,
                                     ck_int columns) {
    double total = 0;
    for (ck_int r = 0; r < rows; r++) {
        const float *x = logits + r * ldx, *l = labels + r * ldl;
        for (ck_int c = 0; c < columns; c++) {
            float w = weights ? weights[r * ldw + c] : 1.0f;
            if (w == 0.0f) {
                if (g) g[r * ldg + c] = 0.0f;
                continue;
            }
            float t = l[c] * (1.0f - smoothing) + 0.5f * smoothing;
            total += (double)(w * (ck_softplusf(x[c]) - t * x[c]));
            if (g) g[r * ldg + c] = w * (ck_sigmoidf(x[c]) - t);
        }
    }
    return total;
}

static double k_squared_error(float *g, ck_int ldg, const float *x, ck_int ldx, const float *targets, ck_int ldt,
                              const float *weights, ck_int ldw, ck_int rows, ck_int columns) {
    double total = 0;
    for (ck_int r = 0; r < rows; r++)
        for (ck_int c = 0; c < columns; c++) {
            float w = weights ? weights[r * ldw + c] : 1.0f, d = x[r * ldx + c] - targets[r * ldt + c];
            if (w != 0.0f) total += (double)(w * d * d);
            if (g) g[r * ldg + c] = w != 0.0f ? 2.0f * w * d : 0.0f;
        }
    return total;
}

static double k_softmax_cross_entropy(float *g, ck_int ldg, const float *logits, ck_int ldx, const int32_t *targets,
                                      const float *weights, ck_int ldw, float smoothing, ck_int rows,
                                      ck_int columns) {
    double total = 0;
    for (ck_int r = 0; r < rows; r++) {
        const float *x = logits + r * ldx;
        float w = weights ? weights[r * ldw] : 1.0f;
        int32_t target = targets[r];
        if (target < 0 || w == 0.0f) {
            if (g) memset(g + r * ldg, 0, (size_t)columns * sizeof(float));
            continue;
        }
        float top = ck_max_of(x, columns), sum = 0, level = 0;
        CK_EACH for (ck_int c = 0; c < columns; c++) sum += ck_expf(x[c] - top);
        float lse = top + ck_logf(sum), share = smoothing / (float)columns;
        if (smoothing > 0) level = (float)k_sum(x, columns, 1, columns);
        total += (double)(w * (lse - (1.0f - smoothing) * x[target] - share * level));
        if (!g) continue;
        float *gr = g + r * ldg;
        CK_EACH for (ck_int c = 0; c < columns; c++) gr[c] = w * (ck_expf(x[c] - lse) - share);
        gr[target] -= w * (1.0f - smoothing);
    }
    return total;
}

// Σ_c t_c (log Σ e^x − x_c); the targets of a row need not add up to one.
static double k_soft_cross_entropy(float *g, ck_int ldg, const float *logits, ck_int ldx, const float *targets,
                                   ck_int ldt, const float *weights, ck_int ldw, ck_int rows, ck_int columns) {
    double total = 0;
    for (ck_int r = 0; r < rows; r++) {
        const float *x = logits + r * ldx, *t = targets + r * ldt;
        float w = weights ? weights[r * ldw] : 1.0f;
        if (w == 0.0f) {
            if (g) memset(g + r * ldg, 0, (size_t)columns * sizeof(float));
            continue;
        }
        float top = ck_max_of(x, columns), sum = 0, mass = 0, loss = 0;
        CK_EACH for (ck_int c = 0; c < columns; c++) sum += ck_expf(x[c] - top);
        float lse = top + ck_logf(sum);
        // A target of zero asks nothing of its logit, not even that it be finite.
        CK_EACH for (ck_int c = 0; c < columns; c++) {
            mass += t[c];
            loss += t[c] == 0.0f ? 0.0f : t[c] * (lse - x[c]);
        }
        total += (double)(w * loss);
        if (!g) continue;
        float *gr = g + r * ldg;
        CK_EACH for (ck_int c = 0; c < columns; c++) gr[c] = w * (mass * ck_expf(x[c] - lse) - t[c]);
    }
    return total;
}

// One column of one segment; x, t and g are its observed rows. Returns the mean over the pairs, with its gradient in g.
CK_INLINE float ck_rank_rows(float *g, const float *x, const float *t, ck_int n, int hinge, float margin) {
    float least = __builtin_inff();
    double total = 0;
    ck_int pairs = 0;
    for (ck_int i = 0; i < n; i++) {
        least = t[i] < least ? t[i] : least;
        g[i] = 0;
    }
    for (ck_int i = 0; i < n; i++) {
        float xi = x[i], ti = t[i], over = 0, pull = 0;
        int32_t below = 0;
        if (!(ti > least)) continue;
        CK_EACH for (ck_int j = 0; j < n; j++) {
            float d = x[j] - xi + margin;
            float value = hinge ? (d > 0.0f ? d : 0.0f) : ck_softplusf(d);
            float slope = hinge ? (d > 0.0f ? 1.0f : 0.0f) : ck_sigmoidf(d);
            int32_t lower = t[j] < ti;
            value = lower ? value : 0.0f;
            slope = lower ? slope : 0.0f;
            over += value;
            pull += slope;
            g[j] += slope;
            below += lower;
        }
        g[i] -= pull;
        total += (double)over;
        pairs += below;
    }
    if (pairs == 0) return 0;
    float share = 1.0f / (float)pairs;
    for (ck_int i = 0; i < n; i++) g[i] *= share;
    return (float)(total * share);
}

static double k_segment_ranking(float *g, ck_int ldg, const float *x, ck_int ldx, const float *labels, ck_int ldl,
                                const float *weights, ck_int ldw, const int32_t *offsets, ck_int segments,
                                ck_int columns, int hinge, float margin, float *scratch) {
    double total = 0;
    for (ck_int s = 0; s < segments; s++) {
        ck_int start = offsets[s], end = offsets[s + 1];
        float *xs = scratch, *ts = xs + (end - start), *gs = ts + (end - start);
        for (ck_int c = 0; c < columns; c++) {
            ck_int n = 0;
            float mass = 0;
            for (ck_int i = start; i < end; i++) {
                float w = weights ? weights[i * ldw + c] : 1.0f;
                if (w == 0.0f) continue;
                xs[n] = x[i * ldx + c];
                ts[n++] = labels[i * ldl + c];
                mass += w;
            }
            total += (double)(mass * ck_rank_rows(gs, xs, ts, n, hinge, hinge ? margin : 0.0f));
            if (!g) continue;
            n = 0;
            for (ck_int i = start; i < end; i++) {
                int observed = !weights || weights[i * ldw + c] != 0.0f;
                g[i * ldg + c] = observed ? mass * gs[n++] : 0.0f;
            }
        }
    }
    return total;
}

// softplus(negative − positive)
static double k_pairwise_ranking(float *g, ck_int ldg, const float *positive, ck_int ldp, const float *negative,
                                 ck_int ldn, const float *weights, ck_int ldw, ck_int rows, ck_int columns) {
    double total = 0;
    for (ck_int r = 0; r < rows; r++)
        for (ck_int c = 0; c < columns; c++) {
            float w = weights ? weights[r * ldw] : 1.0f, d = negative[r * ldn + c] - positive[r * ldp + c];
            if (w != 0.0f) total += (double)(w * ck_softplusf(d));
            if (g) g[r * ldg + c] = w != 0.0f ? -w * ck_sigmoidf(d) : 0.0f;
        }
    return total;
}

// One row: x is the logits, replaced by the gradient. c_j = x_j − log q_j, accidental hits −∞.
static double ck_sampled_row(float *x, const ck_sampled_tile *t, ck_int row) {
    ck_int n = t->items, p = t->positives[row];
    float w = t->weights ? t->weights[row * t->ldw] : 1.0f, raw = x[p];
    if (w == 0.0f) {
        memset(x, 0, (size_t)n * sizeof(float));
        return 0;
    }
    const float *lq = t->log_q;
    const int32_t *ids = t->ids;
    if (lq && t->ldq == 1) {
        CK_EACH for (ck_int j = 0; j < n; j++) x[j] -= lq[j];
    } else if (lq) {
        for (ck_int j = 0; j < n; j++) x[j] -= lq[j * t->ldq];
    }
    if (ids) {
        int32_t own = ids[p];
        CK_EACH for (ck_int j = 0; j < n; j++) x[j] = ids[j] == own ? -__builtin_inff() : x[j];
    }
    float c = t->positive_corrected && lq ? raw - lq[p * t->ldq] : raw;
    x[p] = t->positive_in_denominator ? c : -__builtin_inff();
    float top = ck_max_of(x, n);
    if (top == -__builtin_inff() && raw == raw) {
        // No negative is left: nothing to learn from this row.
        memset(x, 0, (size_t)n * sizeof(float));
        return 0;
    }
    float sum = ck_exp_sum(x, x, top, n), lse = top + ck_logf(sum), factor = w;
    if (t->thresholds) factor *= ck_sigmoidf((raw - t->thresholds[row * t->ldt]) * t->sharpness);
    if (t->posterior_weighted) {
        // P = e^c / (e^c + mean over the valid negatives of e^c_j)
        ck_int valid = 0;
        if (ids) {
            int32_t own = ids[p];
            CK_EACH for (ck_int j = 0; j < n; j++) valid += ids[j] != own;
        } else {
            valid = n - 1;
        }
        float own = t->positive_in_denominator ? x[p] : 0.0f;
        float others = top + ck_logf(sum - own) - ck_logf((float)(valid > 0 ? valid : 1));
        factor *= ck_sigmoidf(others - c);
    }
    float share = factor / sum;
    CK_EACH for (ck_int j = 0; j < n; j++) x[j] *= share;
    x[p] -= factor;
    return (double)(factor * (lse - c));
}

static double k_sampled_softmax(float *logits, const ck_sampled_tile *tile) {
    double total = 0;
    for (ck_int r = 0; r < tile->rows; r++) total += ck_sampled_row(logits + r * tile->ld, tile, r);
    return total;
}

// Readies a row of logits for the losses below: what is no negative becomes −∞. Returns how many negatives there are.
static ck_int ck_keep_negatives(float *x, const ck_sampled_tile *t, ck_int row) {
    ck_int n = t->items, p = t->positives[row], kept = 0;
    if (t->log_q)
        for (ck_int j = 0; j < n; j++) x[j] = t->log_q[j * t->ldq] == __builtin_inff() ? -__builtin_inff() : x[j];
    if (t->ids) {
        int32_t own = t->ids[p];
        CK_EACH for (ck_int j = 0; j < n; j++) x[j] = t->ids[j] == own ? -__builtin_inff() : x[j];
    }
    x[p] = -__builtin_inff();
    CK_EACH for (ck_int j = 0; j < n; j++) kept += x[j] != -__builtin_inff();
    return kept;
}

static float ck_row_weight(const ck_sampled_tile *t, ck_int row) {
    return t->weights ? t->weights[row * t->ldw] : 1.0f;
}

// (1 − s_p) + (μ / |N|) Σ_j max(0, s_j − m)
static double k_contrast_cosine(float *logits, const ck_sampled_tile *t) {
    double total = 0;
    for (ck_int r = 0; r < t->rows; r++) {
        float *x = logits + r * t->ld, w = ck_row_weight(t, r), raw = x[t->positives[r]], over = 0;
        ck_int n = t->items, kept = ck_keep_negatives(x, t, r);
        float share = w * t->negative_weight / (float)(kept > 0 ? kept : 1), margin = t->margin;
        CK_EACH for (ck_int j = 0; j < n; j++) over += x[j] > margin ? x[j] - margin : 0.0f;
        total += (double)(w * (1.0f - raw) + share * over);
        CK_EACH for (ck_int j = 0; j < n; j++) x[j] = x[j] > margin ? share : 0.0f;
        x[t->positives[r]] = -w;
    }
    return total;
}

// (β softplus(−s_p) + Σ_j softplus(s_j)) / (1 + |N|), β = positive_weight
static double k_contrast_binary(float *logits, const ck_sampled_tile *t) {
    double total = 0;
    for (ck_int r = 0; r < t->rows; r++) {
        float *x = logits + r * t->ld, w = ck_row_weight(t, r), raw = x[t->positives[r]], over = 0;
        ck_int n = t->items, kept = ck_keep_negatives(x, t, r);
        float share = w / (float)(1 + kept), own = share * t->positive_weight;
        CK_EACH for (ck_int j = 0; j < n; j++) over += x[j] == -__builtin_inff() ? 0.0f : ck_softplusf(x[j]);
        total += (double)(own * ck_softplusf(-raw) + share * over);
        CK_EACH for (ck_int j = 0; j < n; j++) x[j] = x[j] == -__builtin_inff() ? 0.0f : share * ck_sigmoidf(x[j]);
        x[t->positives[r]] = -own * ck_sigmoidf(-raw);
    }
    return total;
}

// (1 / |N|) Σ_j softplus(s_j − s_p)
static double k_contrast_pairwise(float *logits, const ck_sampled_tile *t) {
    double total = 0;
    for (ck_int r = 0; r < t->rows; r++) {
        float *x = logits + r * t->ld, w = ck_row_weight(t, r), raw = x[t->positives[r]], over = 0, pull = 0;
        ck_int n = t->items, kept = ck_keep_negatives(x, t, r);
        float share = w / (float)(kept > 0 ? kept : 1);
        CK_EACH for (ck_int j = 0; j < n; j++) over += x[j] == -__builtin_inff() ? 0.0f : ck_softplusf(x[j] - raw);
        total += (double)(share * over);
        CK_EACH for (ck_int j = 0; j < n; j++) {
            float g = x[j] == -__builtin_inff() ? 0.0f : share * ck_sigmoidf(x[j] - raw);
            pull += g;
            x[j] = g;
        }
        x[t->positives[r]] = -pull;
    }
    return total;
}

// In three passes, so that the exponentials are computed side by side and every row is fetched once.
static double k_negative_sampling(float *gradient, float *coefficients, const float *centre, const float *table,
                                  const int32_t *ids, ck_int groups, ck_int group, ck_int dim) {
    ck_int n = groups * group;
    double total = 0;
    for (ck_int i = 0; i < n; i++) {
        if (i + 8 < n) __builtin_prefetch(table + (ck_int)ids[i + 8] * dim);
        coefficients[i] = k_dot(centre, table + (ck_int)ids[i] * dim, dim);
    }
    for (ck_int g = 0; g < groups; g++) {
        const int32_t *id = ids + g * group;
        float *x = coefficients + g * group, sum = ck_softplusf(-x[0]);
        x[0] = ck_sigmoidf(x[0]) - 1.0f;
        CK_EACH for (ck_int i = 1; i < group; i++) {
            float counts = id[i] == id[0] ? 0.0f : 1.0f;
            sum += counts * ck_softplusf(x[i]);
            x[i] = counts * ck_sigmoidf(x[i]);
        }
        total += (double)sum;
    }
    memset(gradient, 0, (size_t)dim * sizeof(float));
    for (ck_int i = 0; i < n; i++) {
        const float *row = table + (ck_int)ids[i] * dim;
        float scale = coefficients[i];
        CK_EACH_SHORT for (ck_int c = 0; c < dim; c++) gradient[c] += scale * row[c];
    }
    return total;
}
