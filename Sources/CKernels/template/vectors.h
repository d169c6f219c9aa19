// Vectors, reductions and random numbers.

static float k_dot(const float *a, const float *b, ck_int n) {
    float s = 0;
    CK_EACH for (ck_int i = 0; i < n; i++) s += a[i] * b[i];
    return s;
}

static float k_squared_l2(const float *a, const float *b, ck_int n) {
    float s = 0;
    CK_EACH for (ck_int i = 0; i < n; i++) {
        float d = a[i] - b[i];
        s += d * d;
    }
    return s;
}

static double k_sum(const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    double s = 0;
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        CK_EACH for (ck_int c = 0; c < columns; c++) s += (double)xr[c];
    }
    return s;
}

static double k_sum_squares(const float *x, ck_int n) {
    double s = 0;
    CK_EACH for (ck_int i = 0; i < n; i++) s += (double)x[i] * (double)x[i];
    return s;
}

static ck_int k_first_non_finite(const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        int32_t bad = 0;
        CK_EACH for (ck_int c = 0; c < columns; c++)
            bad |= (ck_float_to_bits(xr[c]) & 0x7f800000) == 0x7f800000;
        if (!bad) continue;
        for (ck_int c = 0; c < columns; c++)
            if ((ck_float_to_bits(xr[c]) & 0x7f800000) == 0x7f800000) return r * columns + c;
    }
    return -1;
}

static ck_int k_first_out_of_range(const int32_t *x, ck_int n, int32_t low, int32_t high) {
    int32_t bad = 0;
    CK_EACH for (ck_int i = 0; i < n; i++) bad |= (x[i] < low) | (x[i] >= high);
    if (!bad) return -1;
    for (ck_int i = 0; i < n; i++)
        if (x[i] < low || x[i] >= high) return i;
    return -1;
}

static ck_int k_first_bad_segment(const int32_t *offsets, ck_int segments, ck_int items, ck_int longest) {
    if (offsets[0] != 0) return segments;
    for (ck_int s = 0; s < segments; s++) {
        ck_int length = (ck_int)offsets[s + 1] - offsets[s];
        if (length < 0 || length > longest || offsets[s + 1] > items) return s;
    }
    return offsets[segments] == items ? -1 : segments;
}

static double k_reduce(float *into, const float *const *from, ck_int k, ck_int n) {
    double total = 0;
    for (ck_int start = 0; start < n; start += 1024) {
        ck_int end = start + 1024 < n ? start + 1024 : n;
        if (into != from[0]) memcpy(into + start, from[0] + start, (size_t)(end - start) * sizeof(float));
        for (ck_int j = 1; j < k; j++) {
            const float *f = from[j];
            CK_EACH for (ck_int i = start; i < end; i++) into[i] += f[i];
        }
        total += k_sum_squares(into + start, end - start);
    }
    return total;
}

static void k_average(float *average, const float *x, ck_int n, float decay) {
    CK_EACH for (ck_int i = 0; i < n; i++) average[i] = decay * average[i] + (1.0f - decay) * x[i];
}

static void k_swap(float *a, float *b, ck_int n) {
    CK_EACH for (ck_int i = 0; i < n; i++) {
        float t = a[i];
        a[i] = b[i];
        b[i] = t;
    }
}

static void k_random_uniform(float *x, ck_int n, uint64_t seed, float low, float high) {
    for (ck_int i = 0; i < n; i++) {
        float u = (float)(ck_hash64((uint64_t)i, seed) >> 40) * 0x1p-24f;
        x[i] = low + (high - low) * u;
    }
}

// Box–Muller in double from libm, so that every instruction set draws the same numbers.
static double k_normal_at(uint64_t position, uint64_t seed) {
    double u = ((double)(ck_hash64(2 * position, seed) >> 11) + 0.5) * 0x1p-53;
    double v = (double)(ck_hash64(2 * position + 1, seed) >> 11) * 0x1p-53;
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

static void k_random_normal(float *x, ck_int n, uint64_t seed, float deviation, float limit) {
    for (ck_int i = 0; i < n; i++) {
        double z = k_normal_at((uint64_t)i, seed);
        for (uint64_t again = 1; limit > 0 && (z > limit || z < -limit); again++)
            z = k_normal_at((uint64_t)i, seed ^ (again * 0xD1B54A32D192ED03ull));
        x[i] = (float)(z * deviation);
    }
}

static void k_dropout(float *y, ck_int ldy, int acc, const float *x, ck_int ldx, ck_int rows, ck_int columns,
                      uint64_t key, float rate) {
    // Rounded down to a multiple of 2⁻³²: the chance to drop is right to that.
    uint32_t threshold = (uint32_t)((double)rate * 4294967296.0);
    float keep = 1.0f / (1.0f - rate);
    uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
    for (ck_int r = 0; r < rows; r++) {
        const float *xr = x + r * ldx;
        float *yr = y + r * ldy;
        uint32_t row_key = ck_hash32((uint32_t)r, high) ^ low;
        if (acc) {
            CK_EACH for (ck_int c = 0; c < columns; c++)
                yr[c] += ck_hash32((uint32_t)c, row_key) >= threshold ? xr[c] * keep : 0.0f;
        } else {
            CK_EACH for (ck_int c = 0; c < columns; c++)
                yr[c] = ck_hash32((uint32_t)c, row_key) >= threshold ? xr[c] * keep : 0.0f;
        }
    }
}
