// Interactions of fields, the equal blocks of columns of a row, and periodic functions of single numbers.

enum { CK_CHUNK = 64 };

// ½((Σ_f v_f)² − Σ_f v_f²) as Σ_f v_f ⊙ Σ_{e<f} v_e, which subtracts nothing.
static void k_second_order(float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int fields,
                           ck_int width) {
    for (ck_int r = 0; r < rows; r++)
        for (ck_int start = 0; start < width; start += CK_CHUNK) {
            ck_int n = width - start < CK_CHUNK ? width - start : CK_CHUNK;
            float before[CK_CHUNK], *out = y + r * ldy + start;
            for (ck_int c = 0; c < n; c++) before[c] = 0;
            for (ck_int c = 0; c < n; c++) out[c] = 0;
            for (ck_int f = 0; f < fields; f++) {
                const float *v = x + r * ldx + f * width + start;
                CK_EACH_SHORT for (ck_int c = 0; c < n; c++) {
                    out[c] += before[c] * v[c];
                    before[c] += v[c];
                }
            }
        }
}

static void k_second_order_gradient(float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *x,
                                    ck_int ldx, ck_int rows, ck_int fields, ck_int width) {
    for (ck_int r = 0; r < rows; r++)
        for (ck_int start = 0; start < width; start += CK_CHUNK) {
            ck_int n = width - start < CK_CHUNK ? width - start : CK_CHUNK;
            float all[CK_CHUNK];
            const float *g = gy + r * ldgy + start;
            for (ck_int c = 0; c < n; c++) all[c] = 0;
            for (ck_int f = 0; f < fields; f++) {
                const float *v = x + r * ldx + f * width + start;
                CK_EACH_SHORT for (ck_int c = 0; c < n; c++) all[c] += v[c];
            }
            for (ck_int f = 0; f < fields; f++) {
                const float *v = x + r * ldx + f * width + start;
                float *out = gx + r * ldgx + f * width + start;
                CK_EACH_SHORT for (ck_int c = 0; c < n; c++)
                    out[c] = (acc ? out[c] : 0.0f) + g[c] * (all[c] - v[c]);
            }
        }
}

static void k_crossed_dots(float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int fields,
                           ck_int width) {
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        float *yr = y + r * ldy;
        for (ck_int i = 0; i < fields; i++)
            for (ck_int j = i + 1; j < fields; j++) {
                const float *a = xr + (i * fields + j) * width, *b = xr + (j * fields + i) * width;
                float d = 0;
                CK_EACH_SHORT for (ck_int c = 0; c < width; c++) d += a[c] * b[c];
                *yr++ = d;
            }
    }
}

static void k_crossed_dots_gradient(float *gx, ck_int ldgx, const float *gy, ck_int ldgy, const float *x, ck_int ldx,
                                    ck_int rows, ck_int fields, ck_int width) {
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx, *g = gy + r * ldgy;
        float *out = gx + r * ldgx;
        for (ck_int i = 0; i < fields; i++)
            for (ck_int j = i + 1; j < fields; j++, g++) {
                ck_int at = (i * fields + j) * width, other = (j * fields + i) * width;
                const float *a = xr + at, *b = xr + other;
                float *ga = out + at, *gb = out + other, d = *g;
                CK_EACH_SHORT for (ck_int c = 0; c < width; c++) {
                    ga[c] += d * b[c];
                    gb[c] += d * a[c];
                }
            }
    }
}

static void k_periodic(float *y, ck_int ldy, const float *x, ck_int ldx, const float *coefficients, ck_int ldc,
                       ck_int rows, ck_int fields, ck_int k) {
    for (ck_int r = 0; r < rows; r++)
        for (ck_int f = 0; f < fields; f++) {
            const float *c = coefficients + f * ldc;
            float v = x[r * ldx + f], *cosines = y + r * ldy + 2 * f * k, *sines = cosines + k;
            CK_EACH_SHORT for (ck_int j = 0; j < k; j++) {
                ck_wave w = ck_wave_at(c[j] * v);
                cosines[j] = w.cosine;
                sines[j] = w.sine;
            }
        }
}

static void k_periodic_gradient(float *gx, ck_int ldgx, float *gc, ck_int ldgc, const float *gy, ck_int ldgy,
                                const float *y, ck_int ldy, const float *x, ck_int ldx, const float *coefficients,
                                ck_int ldc, ck_int rows, ck_int fields, ck_int k) {
    const float turn = 6.28318530717958648f;
    for (ck_int r = 0; r < rows; r++)
        for (ck_int f = 0; f < fields; f++) {
            const float *c = coefficients + f * ldc, *cosines = y + r * ldy + 2 * f * k, *sines = cosines + k;
            const float *gcos = gy + r * ldgy + 2 * f * k, *gsin = gcos + k;
            float v = turn * x[r * ldx + f], along = 0;
            if (gx) {
                CK_EACH_SHORT for (ck_int j = 0; j < k; j++) along += c[j] * (gsin[j] * cosines[j] - gcos[j] * sines[j]);
                gx[r * ldgx + f] += turn * along;
            }
            if (!gc) continue;
            float *out = gc + f * ldgc;
            CK_EACH_SHORT for (ck_int j = 0; j < k; j++) out[j] += v * (gsin[j] * cosines[j] - gcos[j] * sines[j]);
        }
}
