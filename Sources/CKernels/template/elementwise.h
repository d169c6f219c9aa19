// Element-wise work on strided matrices, and the cross layer.

static void k_fill(float *y, ck_int ldy, ck_int rows, ck_int columns, float value) {
    if (ldy == columns) { columns *= rows; rows = rows > 0; }
    for (ck_int r = 0; r < rows; r++) {
        float *yr = y + r * ldy;
        CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] = value;
    }
}

static void k_add_constant(float *y, ck_int ldy, ck_int rows, ck_int columns, float value) {
    for (ck_int r = 0; r < rows; r++) {
        float *yr = y + r * ldy;
        CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] += value;
    }
}

static void k_scale(float *y, ck_int ldy, int acc, const float *x, ck_int ldx, ck_int rows, ck_int columns,
                    float alpha) {
    if (ldy == columns && ldx == columns) { columns *= rows; rows = rows > 0; }
    for (ck_int r = 0; r < rows; r++) {
        float *yr = y + r * ldy;
        const float *xr = x + r * ldx;
        if (acc) {
            CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] += alpha * xr[c];
        } else {
            CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] = alpha * xr[c];
        }
    }
}

static void k_add(float *y, ck_int ldy, int acc, const float *a, ck_int lda, const float *b, ck_int ldb,
                  ck_int rows, ck_int columns, float alpha) {
    if (ldy == columns && lda == columns && ldb == columns) { columns *= rows; rows = rows > 0; }
    for (ck_int r = 0; r < rows; r++) {
        float *yr = y + r * ldy;
        const float *ar = a + r * lda, *br = b + r * ldb;
        if (acc) {
            CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] += ar[c] + alpha * br[c];
        } else {
            CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] = ar[c] + alpha * br[c];
        }
    }
}

static void k_multiply(float *y, ck_int ldy, int acc, const float *a, ck_int lda, const float *b, ck_int ldb,
                       ck_int rows, ck_int columns) {
    if (ldy == columns && lda == columns && ldb == columns) { columns *= rows; rows = rows > 0; }
    for (ck_int r = 0; r < rows; r++) {
        float *yr = y + r * ldy;
        const float *ar = a + r * lda, *br = b + r * ldb;
        if (acc) {
            CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] += ar[c] * br[c];
        } else {
            CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] = ar[c] * br[c];
        }
    }
}

static void k_add_row(float *y, ck_int ldy, const float *x, ck_int ldx, const float *row, ck_int rows,
                      ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        float *yr = y + r * ldy;
        const float *xr = x + r * ldx;
        CK_EACH for (ck_int c = 0; c < columns; c++) yr[c] = xr[c] + row[c];
    }
}

static void k_broadcast(float *y, ck_int ldy, const float *row, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) memcpy(y + r * ldy, row, (size_t)columns * sizeof(float));
}

static void k_column_sum(float *row, int acc, const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    if (!acc) memset(row, 0, (size_t)columns * sizeof(float));
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        CK_EACH for (ck_int c = 0; c < columns; c++) row[c] += xr[c];
    }
}

static void k_scale_rows(float *y, ck_int ldy, int acc, const float *x, ck_int ldx, const float *column,
                         ck_int ldc, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++)
        k_scale(y + r * ldy, ldy, acc, x + r * ldx, ldx, 1, columns, column[r * ldc]);
}

static void k_scale_columns(float *y, ck_int ldy, int acc, const float *x, ck_int ldx, const float *row, ck_int rows,
                            ck_int columns, float alpha) {
    for (ck_int r = 0; r < rows; r++) {
        float *yr = y + r * ldy;
        const float *xr = x + r * ldx;
        CK_EACH_SHORT for (ck_int c = 0; c < columns; c++) yr[c] = (acc ? yr[c] : 0.0f) + alpha * row[c] * xr[c];
    }
}

// One loop for each element function, chosen once a call (or once a row).
#define CK_BY_KIND(kind, LOOP)                                          \
    switch (kind) {                                                     \
    case CK_RELU: LOOP(z < 0.0f ? 0.0f : z, w > 0.0f ? 1.0f : 0.0f) break;   \
    case CK_GELU: LOOP(ck_geluf(z), ck_gelu_slope(z)) break;            \
    case CK_SILU: LOOP(z * ck_sigmoidf(z), ck_silu_slope(z)) break;     \
    case CK_SIGMOID: LOOP(ck_sigmoidf(z), w * (1.0f - w)) break;        \
    case CK_TANH: LOOP(ck_tanhf(z), 1.0f - w * w) break;                \
    case CK_EXP: LOOP(ck_expf(z), w) break;                             \
    case CK_LOG: LOOP(ck_logf(z), 1.0f / z) break;                      \
    case CK_SQUARE: LOOP(z * z, 2.0f * z) break;                        \
    case CK_SOFTPLUS: LOOP(ck_softplusf(z), ck_sigmoidf(z)) break;      \
    default: LOOP(z, 1.0f) break;                                       \
    }

static void k_activate_row(int kind, float *y, const float *x, ck_int n) {
#define CK_FORWARD(value, slope) \
    CK_EACH for (ck_int i = 0; i < n; i++) { float z = x[i]; y[i] = value; }
    CK_BY_KIND(kind, CK_FORWARD)
#undef CK_FORWARD
}

// g = gy ⊙ f'(x), w is f(x): functions whose slope needs only one of them may be given null for the other.
static void k_slope_row(int kind, float *g, int acc, const float *gy, const float *x, const float *y, ck_int n) {
    const float *xs = x ? x : y, *ys = y ? y : x;
    if (acc) {
#define CK_BACKWARD(value, slope) \
    CK_EACH for (ck_int i = 0; i < n; i++) { \
        float z = xs[i], w = ys[i]; (void)z; (void)w; g[i] += gy[i] * (slope); }
        CK_BY_KIND(kind, CK_BACKWARD)
#undef CK_BACKWARD
    } else {
#define CK_BACKWARD(value, slope) \
    CK_EACH for (ck_int i = 0; i < n; i++) { \
        float z = xs[i], w = ys[i]; (void)z; (void)w; g[i] = gy[i] * (slope); }
        CK_BY_KIND(kind, CK_BACKWARD)
#undef CK_BACKWARD
    }
}

static void k_activate(int kind, float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    if (ldy == columns && ldx == columns) { columns *= rows; rows = rows > 0; }
    for (ck_int r = 0; r < rows; r++) k_activate_row(kind, y + r * ldy, x + r * ldx, columns);
}

static void k_activate_gradient(int kind, float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy,
                                const float *x, ck_int ldx, const float *y, ck_int ldy, ck_int rows,
                                ck_int columns) {
    for (ck_int r = 0; r < rows; r++)
        k_slope_row(kind, gx + r * ldgx, acc, gy + r * ldgy, x ? x + r * ldx : NULL, y ? y + r * ldy : NULL, columns);
}

static void k_bias_activate(int kind, float *y, ck_int ldy, float *before, ck_int ldb, const float *bias,
                            ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        float *yr = y + r * ldy, *z = before ? before + r * ldb : yr;
        if (bias) {
            CK_EACH for (ck_int c = 0; c < columns; c++) z[c] = yr[c] + bias[c];
        } else if (z != yr) {
            memcpy(z, yr, (size_t)columns * sizeof(float));
        }
        if (kind != CK_NONE) k_activate_row(kind, yr, z, columns);
    }
}

static void k_bias_activate_gradient(int kind, float *gz, ck_int ldgz, float *gbias, const float *gy, ck_int ldgy,
                                     const float *before, ck_int ldb, const float *y, ck_int ldy, ck_int rows,
                                     ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        float *g = gz + r * ldgz;
        k_slope_row(kind, g, 0, gy + r * ldgy, before ? before + r * ldb : NULL, y ? y + r * ldy : NULL, columns);
        if (!gbias) continue;
        CK_EACH for (ck_int c = 0; c < columns; c++) gbias[c] += g[c];
    }
}

static void k_cross(float *y, ck_int ldy, float *u, ck_int ldu, const float *bias, const float *x0, ck_int ldx0,
                    const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        float *yr = y + r * ldy, *ur = u + r * ldu;
        const float *ar = x0 + r * ldx0, *xr = x + r * ldx;
        CK_EACH for (ck_int c = 0; c < columns; c++) {
            float t = ur[c] + bias[c];
            ur[c] = t;
            yr[c] = ar[c] * t + xr[c];
        }
    }
}

static void k_cross_gradient(float *gu, ck_int ldgu, float *gbias, float *gx0, ck_int ldgx0, int acc0, float *gx,
                             ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *u, ck_int ldu,
                             const float *x0, ck_int ldx0, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *g = gy + r * ldgy, *ur = u + r * ldu, *ar = x0 + r * ldx0;
        float *h = gu + r * ldgu;
        if (gbias) {
            CK_EACH for (ck_int c = 0; c < columns; c++) {
                float t = g[c] * ar[c];
                h[c] = t;
                gbias[c] += t;
            }
        } else {
            CK_EACH for (ck_int c = 0; c < columns; c++) h[c] = g[c] * ar[c];
        }
        if (gx0) k_multiply(gx0 + r * ldgx0, ldgx0, acc0, g, ldgy, ur, ldu, 1, columns);
        if (gx) k_scale(gx + r * ldgx, ldgx, acc, g, ldgy, 1, columns, 1.0f);
    }
}
