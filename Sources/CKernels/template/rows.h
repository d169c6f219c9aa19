// Row-wise operations: softmax, norms, dot products, grouped products, gates, nearest code.

// The largest value; sixteen running maxima vectorise where a single one would not.
CK_INLINE float ck_max_of(const float *x, ck_int n) {
    float best = -__builtin_inff();
    if (n < 16) {
        for (ck_int i = 0; i < n; i++) best = x[i] > best ? x[i] : best;
        return best;
    }
    float lanes[16];
    for (int j = 0; j < 16; j++) lanes[j] = x[j];
    for (ck_int i = 16; i + 16 <= n; i += 16)
        for (int j = 0; j < 16; j++) lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
    // The last sixteen, of which some were looked at before.
    for (int j = 0; j < 16; j++) lanes[j] = x[n - 16 + j] > lanes[j] ? x[n - 16 + j] : lanes[j];
    for (int width = 8; width > 0; width /= 2)
        for (int j = 0; j < width; j++) lanes[j] = lanes[j + width] > lanes[j] ? lanes[j + width] : lanes[j];
    return lanes[0] > best ? lanes[0] : best;
}

// y = exp(x − shift), where shift is not below any x; returns the sum. What is left of a row behind whole blocks takes one masked pass.
CK_INLINE float ck_exp_sum(float *y, const float *x, float shift, ck_int n) {
    float s = 0;
    const ck_int whole = n / 64 * 64;
    CK_EACH for (ck_int i = 0; i < whole; i++) {
        float e = ck_exp_falling(x[i] - shift);
        y[i] = e;
        s += e;
    }
    CK_EACH_SHORT for (ck_int i = whole; i < n; i++) {
        float e = ck_exp_falling(x[i] - shift);
        y[i] = e;
        s += e;
    }
    return s;
}

static void k_softmax(float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        float *yr = y + r * ldy;
        float s = ck_exp_sum(yr, x + r * ldx, ck_max_of(x + r * ldx, columns), columns);
        const float share = 1.0f / s;
        CK_EACH_SHORT for (ck_int c = 0; c < columns; c++) yr[c] *= share;
    }
}

static void k_softmax_gradient(float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *y,
                               ck_int ldy, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *g = gy + r * ldgy, *yr = y + r * ldy;
        float *out = gx + r * ldgx, keep = acc ? 1.0f : 0.0f;
        float dot = k_dot(g, yr, columns);
        CK_EACH for (ck_int c = 0; c < columns; c++)
            out[c] = (acc ? out[c] * keep : 0.0f) + yr[c] * (g[c] - dot);
    }
}

static void k_log_softmax(float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        float *yr = y + r * ldy, top = ck_max_of(xr, columns), s = 0;
        CK_EACH for (ck_int c = 0; c < columns; c++) s += ck_expf(xr[c] - top);
        float shift = top + ck_logf(s);
        CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] = xr[c] - shift;
    }
}

static void k_log_softmax_gradient(float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *y,
                                   ck_int ldy, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *g = gy + r * ldgy, *yr = y + r * ldy;
        float *out = gx + r * ldgx, s = 0;
        CK_EACH for (ck_int c = 0; c < columns; c++) s += g[c];
        CK_EACH for (ck_int c = 0; c < columns; c++)
            out[c] = (acc ? out[c] : 0.0f) + g[c] - ck_expf(yr[c]) * s;
    }
}

static void k_norm(int centre, float *y, ck_int ldy, float *stats, const float *x, ck_int ldx, const float *gain,
                   const float *bias, float epsilon, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        float *yr = y + r * ldy, mean = 0, square = 0;
        if (centre) {
            CK_EACH for (ck_int c = 0; c < columns; c++) mean += xr[c];
            mean /= (float)columns;
        }
        CK_EACH for (ck_int c = 0; c < columns; c++) square += (xr[c] - mean) * (xr[c] - mean);
        float inverse = 1.0f / sqrtf(square / (float)columns + epsilon);
        stats[2 * r] = mean;
        stats[2 * r + 1] = inverse;
        if (bias) {
            CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] = (xr[c] - mean) * inverse * gain[c] + bias[c];
        } else {
            CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] = (xr[c] - mean) * inverse * gain[c];
        }
    }
}

static void k_norm_gradient(int centre, float *gx, ck_int ldgx, int acc, float *ggain, float *gbias, const float *gy,
                            ck_int ldgy, const float *x, ck_int ldx, const float *gain, const float *stats,
                            ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *g = gy + r * ldgy, *xr = x + r * ldx;
        float mean = stats[2 * r], inverse = stats[2 * r + 1];
        if (ggain) {
            CK_EACH for (ck_int c = 0; c < columns; c++) ggain[c] += g[c] * (xr[c] - mean) * inverse;
        }
        if (gbias) {
            CK_EACH for (ck_int c = 0; c < columns; c++) gbias[c] += g[c];
        }
        if (!gx) continue;
        float along = 0, level = 0, *out = gx + r * ldgx;
        CK_EACH for (ck_int c = 0; c < columns; c++) {
            float h = g[c] * gain[c];
            level += h;
            along += h * (xr[c] - mean) * inverse;
        }
        along /= (float)columns;
        level = centre ? level / (float)columns : 0.0f;
        CK_EACH for (ck_int c = 0; c < columns; c++)
            out[c] = (acc ? out[c] : 0.0f)
                + inverse * (g[c] * gain[c] - level - (xr[c] - mean) * inverse * along);
    }
}

static void k_unit_rows(float *y, ck_int ldy, float *scales, const float *x, ck_int ldx, float epsilon, ck_int rows,
                        ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        float length = sqrtf(k_dot(xr, xr, columns));
        float scale = 1.0f / (length > epsilon ? length : epsilon);
        // A NaN length must not be mistaken for a short row.
        if (length != length) scale = length;
        k_scale(y + r * ldy, columns, 0, xr, columns, 1, columns, scale);
        scales[r] = length > epsilon ? scale : -scale;
    }
}

static void k_unit_rows_gradient(float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *y,
                                 ck_int ldy, const float *scales, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *g = gy + r * ldgy, *yr = y + r * ldy;
        float scale = scales[r], *out = gx + r * ldgx;
        float dot = scale > 0 ? k_dot(g, yr, columns) : 0.0f;
        scale = scale > 0 ? scale : -scale;
        CK_EACH for (ck_int c = 0; c < columns; c++) out[c] = (acc ? out[c] : 0.0f) + scale * (g[c] - yr[c] * dot);
    }
}

static void k_squash(float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        float square = k_dot(xr, xr, columns);
        k_scale(y + r * ldy, columns, 0, xr, columns, 1, columns, sqrtf(square) / (1.0f + square));
    }
}

static void k_squash_gradient(float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *x,
                              ck_int ldx, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *g = gy + r * ldgy, *xr = x + r * ldx;
        float square = k_dot(xr, xr, columns), length = sqrtf(square), bottom = 1.0f + square;
        float across = length / bottom, *out = gx + r * ldgx;
        // A row of zeros has no direction; the gradient there is zero as the value is.
        float along = length > 0 ? k_dot(g, xr, columns) * (1.0f - square) / (bottom * bottom * length) : 0.0f;
        CK_EACH for (ck_int c = 0; c < columns; c++) out[c] = (acc ? out[c] : 0.0f) + across * g[c] + along * xr[c];
    }
}

static void k_row_dot(float *y, ck_int ldy, int acc, const float *a, ck_int lda, const float *b, ck_int ldb,
                      ck_int rows, ck_int columns, float alpha) {
    for (ck_int r = 0; r < rows; r++) {
        float d = alpha * k_dot(a + r * lda, b + r * ldb, columns);
        y[r * ldy] = acc ? y[r * ldy] + d : d;
    }
}

static void k_pairwise_dots(float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int fields,
                            ck_int width) {
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        float *yr = y + r * ldy;
        for (ck_int i = 0; i < fields; i++)
            for (ck_int j = i + 1; j < fields; j++) *yr++ = k_dot(xr + i * width, xr + j * width, width);
    }
}

static void k_pairwise_dots_gradient(float *gx, ck_int ldgx, const float *gy, ck_int ldgy, const float *x,
                                     ck_int ldx, ck_int rows, ck_int fields, ck_int width) {
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx, *g = gy + r * ldgy;
        float *out = gx + r * ldgx;
        for (ck_int i = 0; i < fields; i++)
            for (ck_int j = i + 1; j < fields; j++, g++) {
                const float *a = xr + i * width, *b = xr + j * width;
                float *ga = out + i * width, *gb = out + j * width, d = *g;
                CK_EACH for (ck_int c = 0; c < width; c++) {
                    ga[c] += d * b[c];
                    gb[c] += d * a[c];
                }
            }
    }
}

enum { CK_ROWS = 16 };

// How far into its range each of CK_ROWS values lies, in lengths of the range, and where that range's columns begin in the table.
CK_INLINE void ck_find_pieces(int32_t *low, float *share, const float *values, const ck_pieces *n, int32_t width,
                              float reach) {
    int32_t bins[CK_ROWS] = {0}, last = (int32_t)n->bins - 1;
    // Every edge is compared, with many values at once: no branch could be foreseen, since numbers lie anywhere among them.
    for (ck_int e = 1; e < n->bins; e++) {
        const float edge = n->edges[e];
        CK_EACH for (ck_int i = 0; i < CK_ROWS; i++) bins[i] += values[i] >= edge;
    }
    float edges[CK_ROWS] = {0}, inverse[CK_ROWS] = {0};
    for (ck_int i = 0; n->bins && i < CK_ROWS; i++) {
        edges[i] = n->edges[bins[i]];
        inverse[i] = n->inverse[bins[i]];
    }
    CK_EACH for (ck_int i = 0; i < CK_ROWS; i++) {
        const int finite = ck_magnitude(values[i]) < 0x7f800000u;
        const float least = bins[i] > 0 ? 0 : -reach, most = bins[i] < last ? 1 : 1 + reach;
        const float z = (values[i] - edges[i]) * inverse[i];
        const float inside = z < least ? least : z > most ? most : z;
        share[i] = finite ? inside : 0;
        low[i] = finite ? (1 + 2 * bins[i]) * width : 0;
    }
}

static void k_pieces_columns(float *y, ck_int ldy, const float *x, ck_int ldx, const ck_pieces *numbers,
                             ck_int rows, ck_int count, ck_int width, float reach) {
    for (ck_int start = 0; start < rows; start += CK_ROWS) {
        const ck_int block = rows - start < CK_ROWS ? rows - start : CK_ROWS;
        for (ck_int g = 0; g < count; g++) {
            int32_t low[CK_ROWS];
            float values[CK_ROWS] = {0}, share[CK_ROWS];
            for (ck_int i = 0; i < block; i++) values[i] = x[(start + i) * ldx + g];
            if (numbers[g].logarithmic)
                CK_EACH for (ck_int i = 0; i < CK_ROWS; i++) {
                    const float size = ck_log1pf(values[i] < 0 ? -values[i] : values[i]);
                    values[i] = values[i] < 0 ? -size : size;
                }
            ck_find_pieces(low, share, values, numbers + g, (int32_t)width, reach);
            const float *table = numbers[g].table;
            float *out = y + start * ldy + g * width;
            // Eight columns as a constant are one vector without a loop.
            if (width == 8) {
                for (ck_int i = 0; i < block; i++, out += ldy)
                    CK_EACH for (ck_int c = 0; c < 8; c++) out[c] = table[low[i] + c] + share[i] * table[low[i] + 8 + c];
                continue;
            }
            for (ck_int i = 0; i < block; i++, out += ldy) {
                const float *row = table + low[i];
                CK_EACH_SHORT for (ck_int c = 0; c < width; c++) out[c] = row[c] + share[i] * row[width + c];
            }
        }
    }
}
static void k_grouped(float *y, ck_int ldy, const float *x, ck_int ldx, const float *w, ck_int rows, ck_int groups,
                      ck_int k, ck_int m) {
    for (ck_int r = 0; r < rows; r++)
        for (ck_int g = 0; g < groups; g++) {
            const float *xr = x + r * ldx + g * k, *wg = w + g * k * m;
            float *yr = y + r * ldy + g * m;
            for (ck_int c = 0; c < m; c++) yr[c] = 0;
            for (ck_int i = 0; i < k; i++) {
                float v = xr[i];
                CK_EACH for (ck_int c = 0; c < m; c++) yr[c] += v * wg[i * m + c];
            }
        }
}

static void k_grouped_gradient(float *gx, ck_int ldgx, float *gw, const float *gy, ck_int ldgy, const float *x,
                               ck_int ldx, const float *w, ck_int rows, ck_int groups, ck_int k, ck_int m) {
    for (ck_int r = 0; r < rows; r++)
        for (ck_int g = 0; g < groups; g++) {
            const float *gr = gy + r * ldgy + g * m, *xr = x + r * ldx + g * k, *wg = w + g * k * m;
            for (ck_int i = 0; i < k; i++) {
                if (gx) gx[r * ldgx + g * k + i] += k_dot(gr, wg + i * m, m);
                if (!gw) continue;
                float v = xr[i], *out = gw + (g * k + i) * m;
                CK_EACH for (ck_int c = 0; c < m; c++) out[c] += v * gr[c];
            }
        }
}

static void k_top_k(float *y, ck_int ldy, float *sums, const float *x, ck_int ldx, ck_int rows, ck_int columns,
                    ck_int k, int renormalize) {
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        float *yr = y + r * ldy, total = 0;
        for (ck_int c = 0; c < columns; c++) {
            ck_int above = 0;
            for (ck_int d = 0; d < columns; d++) above += xr[d] > xr[c] || (xr[d] == xr[c] && d < c);
            yr[c] = above < k ? xr[c] : 0.0f;
            total += yr[c];
        }
        sums[r] = renormalize ? total : 1.0f;
        if (renormalize) k_scale(yr, columns, 0, yr, columns, 1, columns, 1.0f / total);
    }
}

static void k_top_k_gradient(float *gx, ck_int ldgx, const float *gy, ck_int ldgy, const float *y, ck_int ldy,
                             const float *sums, ck_int rows, ck_int columns, int renormalize) {
    for (ck_int r = 0; r < rows; r++) {
        const float *g = gy + r * ldgy, *yr = y + r * ldy;
        float dot = renormalize ? k_dot(g, yr, columns) : 0.0f;
        for (ck_int c = 0; c < columns; c++)
            if (yr[c] != 0.0f) gx[r * ldgx + c] += (g[c] - dot) / sums[r];
    }
}

static void k_nearest(int32_t *best, const float *products, ck_int ld, const float *norms, ck_int rows,
                      ck_int codes) {
    for (ck_int r = 0; r < rows; r++) {
        const float *p = products + r * ld;
        float least = __builtin_inff();
        int32_t at = 0;
        for (ck_int j = 0; j < codes; j++) {
            float d = norms[j] - 2.0f * p[j];
            if (d < least) {
                least = d;
                at = (int32_t)j;
            }
        }
        best[r] = at;
    }
}
