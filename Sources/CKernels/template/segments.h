// Rows by index and operations over segments of rows.

static void k_gather(float *y, ck_int ldy, const float *table, ck_int ldt, const int32_t *ids, ck_int rows,
                     ck_int width, ck_int dim) {
    ck_int total = rows * width;
    for (ck_int r = 0; r < rows; r++)
        for (ck_int k = 0; k < width; k++) {
            ck_int at = r * width + k;
            // The rows of a large table are cache misses: ask for one a few lookups ahead.
            if (at + 8 < total && ids[at + 8] >= 0) __builtin_prefetch(table + ids[at + 8] * ldt);
            float *out = y + r * ldy + k * dim;
            if (ids[at] < 0) {
                memset(out, 0, (size_t)dim * sizeof(float));
            } else {
                const float *from = table + ids[at] * ldt;
                CK_EACH_SHORT for (ck_int c = 0; c < dim; c++) out[c] = from[c];
            }
        }
}

static void k_scatter_add(float *gx, ck_int ldgx, const float *gy, ck_int ldgy, const int32_t *ids, ck_int rows,
                          ck_int columns) {
    for (ck_int r = 0; r < rows; r++)
        if (ids[r] >= 0) k_scale(gx + ids[r] * ldgx, columns, 1, gy + r * ldgy, columns, 1, columns, 1.0f);
}

static void k_gather_pooled(float *y, ck_int ldy, int32_t *row_of, float *scale, const float *table,
                            const int32_t *ids, const float *weights, ck_int ldw, const int32_t *offsets,
                            ck_int segments, ck_int dim, int mean) {
    for (ck_int s = 0; s < segments; s++) {
        float *out = y + s * ldy;
        ck_int start = offsets[s], end = offsets[s + 1];
        float share = mean && end > start ? 1.0f / (float)(end - start) : 1.0f;
        for (ck_int c = 0; c < dim; c++) out[c] = 0;
        for (ck_int i = start; i < end; i++) {
            float w = (weights ? weights[i * ldw] : 1.0f) * share;
            row_of[i] = (int32_t)s;
            scale[i] = w;
            if (ids[i] < 0) continue;
            const float *from = table + ids[i] * dim;
            CK_EACH_SHORT for (ck_int c = 0; c < dim; c++) out[c] += w * from[c];
        }
    }
}

static void k_segment_pool(float *y, ck_int ldy, const float *x, ck_int ldx, const int32_t *offsets,
                           ck_int segments, ck_int columns, int mean) {
    for (ck_int s = 0; s < segments; s++) {
        float *out = y + s * ldy;
        ck_int start = offsets[s], end = offsets[s + 1];
        k_column_sum(out, 0, x + start * ldx, ldx, end - start, columns);
        if (mean && end > start) k_scale(out, columns, 0, out, columns, 1, columns, 1.0f / (float)(end - start));
    }
}

static void k_segment_pool_gradient(float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy,
                                    const int32_t *offsets, ck_int segments, ck_int columns, int mean) {
    for (ck_int s = 0; s < segments; s++) {
        ck_int start = offsets[s], end = offsets[s + 1];
        float share = mean && end > start ? 1.0f / (float)(end - start) : 1.0f;
        for (ck_int i = start; i < end; i++)
            k_scale(gx + i * ldgx, columns, acc, gy + s * ldgy, columns, 1, columns, share);
    }
}

static void k_segment_max(float *y, ck_int ldy, int32_t *at, const float *x, ck_int ldx, const int32_t *offsets,
                          ck_int segments, ck_int columns) {
    for (ck_int s = 0; s < segments; s++) {
        float *out = y + s * ldy;
        int32_t *where = at + s * columns;
        ck_int start = offsets[s], end = offsets[s + 1];
        for (ck_int c = 0; c < columns; c++) {
            out[c] = end > start ? x[start * ldx + c] : 0.0f;
            where[c] = end > start ? (int32_t)start : -1;
        }
        for (ck_int i = start + 1; i < end; i++) {
            const float *xi = x + i * ldx;
            CK_EACH for (ck_int c = 0; c < columns; c++) {
                int larger = xi[c] > out[c];
                where[c] = larger ? (int32_t)i : where[c];
                out[c] = larger ? xi[c] : out[c];
            }
        }
    }
}

static void k_segment_max_gradient(float *gx, ck_int ldgx, const float *gy, ck_int ldgy, const int32_t *at,
                                   ck_int segments, ck_int columns) {
    for (ck_int s = 0; s < segments; s++)
        for (ck_int c = 0; c < columns; c++)
            if (at[s * columns + c] >= 0) gx[at[s * columns + c] * ldgx + c] += gy[s * ldgy + c];
}

static void k_segment_softmax(float *y, ck_int ldy, const float *x, ck_int ldx, const int32_t *offsets,
                              ck_int segments, ck_int columns) {
    for (ck_int s = 0; s < segments; s++)
        for (ck_int c = 0; c < columns; c++) {
            float top = -__builtin_inff(), total = 0;
            for (ck_int i = offsets[s]; i < offsets[s + 1]; i++)
                top = x[i * ldx + c] > top ? x[i * ldx + c] : top;
            for (ck_int i = offsets[s]; i < offsets[s + 1]; i++) {
                float e = ck_expf(x[i * ldx + c] - top);
                y[i * ldy + c] = e;
                total += e;
            }
            for (ck_int i = offsets[s]; i < offsets[s + 1]; i++) y[i * ldy + c] /= total;
        }
}

static void k_segment_softmax_gradient(float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy,
                                       const float *y, ck_int ldy, const int32_t *offsets, ck_int segments,
                                       ck_int columns) {
    for (ck_int s = 0; s < segments; s++)
        for (ck_int c = 0; c < columns; c++) {
            float dot = 0;
            for (ck_int i = offsets[s]; i < offsets[s + 1]; i++) dot += gy[i * ldgy + c] * y[i * ldy + c];
            for (ck_int i = offsets[s]; i < offsets[s + 1]; i++) {
                float g = y[i * ldy + c] * (gy[i * ldgy + c] - dot), *out = gx + i * ldgx + c;
                *out = acc ? *out + g : g;
            }
        }
}

static void k_segment_weighted(float *y, ck_int ldy, const float *x, ck_int ldx, const float *w, ck_int ldw,
                               const int32_t *offsets, ck_int segments, ck_int heads, ck_int width) {
    for (ck_int s = 0; s < segments; s++) {
        float *out = y + s * ldy;
        for (ck_int c = 0; c < heads * width; c++) out[c] = 0;
        for (ck_int i = offsets[s]; i < offsets[s + 1]; i++)
            for (ck_int h = 0; h < heads; h++) {
                float v = w[i * ldw + h];
                const float *xi = x + i * ldx + h * width;
                CK_EACH for (ck_int c = 0; c < width; c++) out[h * width + c] += v * xi[c];
            }
    }
}

static void k_segment_weighted_gradient(float *gx, ck_int ldgx, int accx, float *gw, ck_int ldgw, int accw,
                                        const float *gy, ck_int ldgy, const float *x, ck_int ldx, const float *w,
                                        ck_int ldw, const int32_t *offsets, ck_int segments, ck_int heads,
                                        ck_int width) {
    for (ck_int s = 0; s < segments; s++)
        for (ck_int i = offsets[s]; i < offsets[s + 1]; i++)
            for (ck_int h = 0; h < heads; h++) {
                const float *g = gy + s * ldgy + h * width;
                if (gx) k_scale(gx + i * ldgx + h * width, width, accx, g, width, 1, width, w[i * ldw + h]);
                if (!gw) continue;
                float d = k_dot(g, x + i * ldx + h * width, width), *out = gw + i * ldgw + h;
                *out = accw ? *out + d : d;
            }
}
