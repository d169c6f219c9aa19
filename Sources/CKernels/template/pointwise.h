// Attention whose weights are SiLU of the scores instead of their softmax, with biases by place and by time.

// ck_starts[b] is the least d with ln d ≥ 0.301 b: the bucket ⌊ln d / 0.301⌋ in whole numbers, the same on every machine.
static const uint32_t ck_starts[] = {
    0,         2,         2,         3,         4,         5,         7,          9,          12,         16,
    21,        28,        38,        51,        68,        92,        124,        167,        226,        305,
    412,       557,       752,       1016,      1372,      1854,      2505,       3385,       4574,       6180,
    8350,      11283,     15245,     20600,     27834,     37610,     50818,      68666,      92782,      125367,
    169397,    228891,    309280,    417902,    564672,    762990,    1030960,    1393042,    1882291,    2543369,
    3436624,   4643598,   6274473,   8478127,   11455724,  15479081,  20915478,   28261189,   38186783,   51598337,
    69720155,  94206525,  127292737, 171999135, 232406837, 314030289, 424320660,  573346040,  774710524,  1046796097,
    1414440665, 1911205440, 2582438644u, 3489415219u};

// The bucket of a pair, looked for from that of its neighbour: times mostly rise, so it is one or two steps away.
CK_INLINE ck_int ck_bucket(const ck_pairs *p, ck_int i, ck_int j, ck_int near) {
    ck_int top = (ck_int)(sizeof ck_starts / sizeof *ck_starts) - 1;
    ck_int last = p->buckets - 1 < top ? p->buckets - 1 : top;
    int64_t d = (int64_t)p->times[i + 1 < p->n ? i + 1 : i] - p->times[j];
    uint32_t size = (uint32_t)(d < 0 ? -d : d);
    while (near < last && size >= ck_starts[near + 1]) near++;
    while (size < ck_starts[near]) near--;
    return near;
}

static void k_pair_bias(float *bias, const ck_pairs *p) {
    for (ck_int i = 0; i < p->n; i++) {
        float *row = bias + i * p->n;
        ck_int seen = p->causal ? i + 1 : p->n, bucket = 0;
        if (p->position) {
            memcpy(row, p->position + p->centre - i, (size_t)seen * sizeof(float));
        } else {
            memset(row, 0, (size_t)seen * sizeof(float));
        }
        if (!p->time) continue;
        for (ck_int j = 0; j < seen; j++) {
            bucket = ck_bucket(p, i, j, bucket);
            row[j] += p->time[bucket];
        }
    }
}

static void k_pair_bias_gradient(float *gposition, float *gtime, const float *g, const ck_pairs *p) {
    for (ck_int i = 0; i < p->n; i++) {
        const float *row = g + i * p->n;
        ck_int seen = p->causal ? i + 1 : p->n, bucket = 0;
        if (gposition) {
            float *out = gposition + p->centre - i;
            CK_EACH for (ck_int j = 0; j < seen; j++) out[j] += row[j];
        }
        if (!gtime) continue;
        for (ck_int j = 0; j < seen; j++) {
            bucket = ck_bucket(p, i, j, bucket);
            gtime[bucket] += row[j];
        }
    }
}

static void k_pointwise_scores(float *a, float *slopes, const float *s, const float *bias, ck_int n, int causal,
                               float share) {
    for (ck_int i = 0; i < n; i++) {
        const float *si = s + i * n, *bi = bias ? bias + i * n : NULL;
        float *ai = a + i * n, *di = slopes ? slopes + i * n : NULL;
        ck_int seen = causal ? i + 1 : n;
        CK_EACH for (ck_int j = 0; j < seen; j++) {
            float z = bi ? si[j] + bi[j] : si[j], gate = ck_sigmoidf(z);
            ai[j] = share * z * gate;
            if (di) di[j] = share * gate * (1.0f + z * (1.0f - gate));
        }
        memset(ai + seen, 0, (size_t)(n - seen) * sizeof(float));
        if (di) memset(di + seen, 0, (size_t)(n - seen) * sizeof(float));
    }
}
