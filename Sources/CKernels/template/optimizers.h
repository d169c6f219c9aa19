// Optimizer updates; the gradient is scaled first, decay is decoupled from the gradient.

static void k_sgd(float *w, const float *g, float *momentum, ck_int n, const ck_update *u) {
    float rate = u->rate, scale = u->gradient_scale, keep = 1.0f - u->decay, beta = u->beta1;
    if (momentum) {
        CK_EACH for (ck_int i = 0; i < n; i++) {
            float m = beta * momentum[i] + scale * g[i];
            momentum[i] = m;
            w[i] = keep * w[i] - rate * m;
        }
    } else {
        CK_EACH for (ck_int i = 0; i < n; i++) w[i] = keep * w[i] - rate * scale * g[i];
    }
}

static void k_adam(float *w, const float *g, float *m, float *v, ck_int n, const ck_update *u) {
    float rate = u->rate, scale = u->gradient_scale, keep = 1.0f - u->decay, epsilon = u->epsilon;
    float b1 = u->beta1, b2 = u->beta2, c1 = u->correction1, c2 = u->correction2;
    CK_EACH for (ck_int i = 0; i < n; i++) {
        float t = scale * g[i];
        float first = b1 * m[i] + (1.0f - b1) * t;
        float second = b2 * v[i] + (1.0f - b2) * t * t;
        m[i] = first;
        v[i] = second;
        w[i] = keep * w[i] - rate * (first * c1) / (sqrtf(second * c2) + epsilon);
    }
}

static void k_adagrad(float *w, const float *g, float *sum, ck_int n, const ck_update *u) {
    float rate = u->rate, scale = u->gradient_scale, keep = 1.0f - u->decay, epsilon = u->epsilon;
    CK_EACH for (ck_int i = 0; i < n; i++) {
        float t = scale * g[i];
        float s = sum[i] + t * t;
        sum[i] = s;
        w[i] = keep * w[i] - rate * t / (sqrtf(s) + epsilon);
    }
}

// The same updates for one short row.
CK_INLINE void ck_sgd_row(float *w, const float *g, ck_int n, const ck_update *u) {
    float rate = u->rate, scale = u->gradient_scale, keep = 1.0f - u->decay;
    CK_EACH_SHORT for (ck_int i = 0; i < n; i++) w[i] = keep * w[i] - rate * scale * g[i];
}

CK_INLINE void ck_adam_row(float *w, const float *g, float *m, float *v, ck_int n, const ck_update *u) {
    float rate = u->rate, scale = u->gradient_scale, keep = 1.0f - u->decay, epsilon = u->epsilon;
    float b1 = u->beta1, b2 = u->beta2, c1 = u->correction1, c2 = u->correction2;
    CK_EACH_SHORT for (ck_int i = 0; i < n; i++) {
        float t = scale * g[i];
        float first = b1 * m[i] + (1.0f - b1) * t;
        float second = b2 * v[i] + (1.0f - b2) * t * t;
        m[i] = first;
        v[i] = second;
        w[i] = keep * w[i] - rate * (first * c1) / (sqrtf(second * c2) + epsilon);
    }
}

CK_INLINE void ck_adagrad_row(float *w, const float *g, float *sum, ck_int n, const ck_update *u) {
    float rate = u->rate, scale = u->gradient_scale, keep = 1.0f - u->decay, epsilon = u->epsilon;
    CK_EACH_SHORT for (ck_int i = 0; i < n; i++) {
        float t = scale * g[i];
        float s = sum[i] + t * t;
        sum[i] = s;
        w[i] = keep * w[i] - rate * t / (sqrtf(s) + epsilon);
    }
}

// Rows of a large table are cache misses: ask for them a few updates ahead, both ends since they straddle lines.
CK_INLINE void ck_prefetch_row(const float *base, const int32_t *rows, ck_int i, ck_int n, ck_int dim) {
    if (i + 12 >= n) return;
    const float *row = base + rows[i + 12] * dim;
    __builtin_prefetch(row, 1);
    __builtin_prefetch(row + dim - 1, 1);
}

static ck_int k_collect_rows(const ck_lookups *lists, ck_int count, int32_t part, int32_t parts, ck_int dim,
                              int32_t *slots, int32_t *touched, float *sums) {
    ck_int used = 0;
    for (ck_int k = 0; k < count; k++) {
        const ck_lookups *l = lists + k;
        ck_int row = 0, column = 0;
        for (ck_int i = 0; i < l->count; i++) {
            int32_t id = l->ids[i];
            if (i + 24 < l->count && l->ids[i + 24] >= 0) __builtin_prefetch(slots + l->ids[i + 24], 1);
            const float *g = l->gradient + (l->row_of ? l->row_of[i] * l->ld : row * l->ld + column * dim);
            if (++column == l->width) {
                column = 0;
                row++;
            }
            if (id < 0 || ((uint32_t)id >> 4) % (uint32_t)parts != (uint32_t)part) continue;
            float scale = l->scale ? l->scale[i] : 1.0f;
            int32_t slot = slots[id];
            if (slot < 0) {
                slot = (int32_t)used++;
                slots[id] = slot;
                touched[slot] = id;
                float *out = sums + slot * dim;
                CK_EACH_SHORT for (ck_int c = 0; c < dim; c++) out[c] = scale * g[c];
            } else {
                float *out = sums + slot * dim;
                CK_EACH_SHORT for (ck_int c = 0; c < dim; c++) out[c] += scale * g[c];
            }
        }
    }
    return used;
}

static void k_release_rows(int32_t *slots, const int32_t *touched, ck_int n) {
    for (ck_int i = 0; i < n; i++) slots[touched[i]] = -1;
}

static void k_sparse_sgd(float *table, const int32_t *rows, const float *g, ck_int n, ck_int dim,
                         const ck_update *u) {
    for (ck_int i = 0; i < n; i++) {
        ck_prefetch_row(table, rows, i, n, dim);
        ck_sgd_row(table + rows[i] * dim, g + i * dim, dim, u);
    }
}

static void k_sparse_adam(float *table, float *m, float *v, const int32_t *rows, const float *g, ck_int n,
                          ck_int dim, const ck_update *u) {
    for (ck_int i = 0; i < n; i++) {
        ck_int at = rows[i] * dim;
        ck_prefetch_row(table, rows, i, n, dim);
        ck_prefetch_row(m, rows, i, n, dim);
        ck_prefetch_row(v, rows, i, n, dim);
        ck_adam_row(table + at, g + i * dim, m + at, v + at, dim, u);
    }
}

static void k_sparse_adagrad(float *table, float *sum, const int32_t *rows, const float *g, ck_int n, ck_int dim,
                             const ck_update *u) {
    for (ck_int i = 0; i < n; i++) {
        ck_prefetch_row(table, rows, i, n, dim);
        ck_prefetch_row(sum, rows, i, n, dim);
        ck_adagrad_row(table + rows[i] * dim, g + i * dim, sum + rows[i] * dim, dim, u);
    }
}

static void k_rowwise_adam(float *table, float *m, float *v, const int32_t *rows, const float *g, ck_int n,
                           ck_int dim, const ck_update *u) {
    float scale = u->gradient_scale, keep = 1.0f - u->decay, b1 = u->beta1;
    for (ck_int i = 0; i < n; i++) {
        const float *gi = g + i * dim;
        float *w = table + rows[i] * dim, *mi = m + rows[i] * dim;
        ck_prefetch_row(table, rows, i, n, dim);
        ck_prefetch_row(m, rows, i, n, dim);
        ck_prefetch_row(v, rows, i, n, 1);
        float mean = scale * scale * k_dot(gi, gi, dim) / (float)dim;
        float second = u->beta2 * v[rows[i]] + (1.0f - u->beta2) * mean;
        v[rows[i]] = second;
        float step = u->rate * u->correction1 / (sqrtf(second * u->correction2) + u->epsilon);
        CK_EACH_SHORT for (ck_int c = 0; c < dim; c++) {
            float first = b1 * mi[c] + (1.0f - b1) * scale * gi[c];
            mi[c] = first;
            w[c] = keep * w[c] - step * first;
        }
    }
}

static void k_rowwise_adagrad(float *table, float *sum, const int32_t *rows, const float *g, ck_int n, ck_int dim,
                              const ck_update *u) {
    float scale = u->gradient_scale, keep = 1.0f - u->decay;
    for (ck_int i = 0; i < n; i++) {
        const float *gi = g + i * dim;
        float *w = table + rows[i] * dim;
        ck_prefetch_row(table, rows, i, n, dim);
        ck_prefetch_row(sum, rows, i, n, 1);
        float s = sum[rows[i]] + scale * scale * k_dot(gi, gi, dim) / (float)dim;
        sum[rows[i]] = s;
        float step = u->rate * scale / (sqrtf(s) + u->epsilon);
        CK_EACH_SHORT for (ck_int c = 0; c < dim; c++) w[c] = keep * w[c] - step * gi[c];
    }
}

static void k_average_rows(float *average, const float *table, const int32_t *rows, ck_int n, ck_int dim,
                           float decay) {
    for (ck_int i = 0; i < n; i++) k_average(average + rows[i] * dim, table + rows[i] * dim, dim, decay);
}

static void k_limit_rows(float *table, const int32_t *rows, ck_int n, ck_int dim, float longest) {
    for (ck_int i = 0; i < n; i++) {
        float *w = table + rows[i] * dim;
        double length = sqrt(k_sum_squares(w, dim));
        if (!(length > (double)longest)) continue;
        float keep = (float)((double)longest / length);
        CK_EACH_SHORT for (ck_int c = 0; c < dim; c++) w[c] *= keep;
    }
}
