// Matrices and factors put in order for products: a matrix as panels of CK_PANEL columns, each of them row by row, the last
// filled up with zeros; factors row by row. In float32, or rounded, several numbers to a word.
#define CK_PANEL CK_PANEL_COLUMNS

// One row of a panel: 16 numbers from `from` on, `across` apart, zeros from `width` on.
CK_INLINE void ck_panel_row(float *row, const float *from, ck_int across, ck_int width) {
    if (width == CK_PANEL && across == 1) {
        memcpy(row, from, CK_PANEL * sizeof(float));
        return;
    }
    for (ck_int c = 0; c < CK_PANEL; c++) row[c] = c < width ? from[c * across] : 0.0f;
}

static void k_pack(float *panels, const float *b, ck_int down, ck_int across, ck_int k, ck_int columns, float alpha) {
    for (ck_int start = 0; start < columns; start += CK_PANEL) {
        const ck_int width = columns - start < CK_PANEL ? columns - start : CK_PANEL;
        for (ck_int i = 0; i < k; i++, panels += CK_PANEL) {
            ck_panel_row(panels, b + i * down + start * across, across, width);
            CK_EACH for (ck_int c = 0; c < CK_PANEL; c++) panels[c] *= alpha;
        }
    }
}

typedef uint32_t CK_JOIN(ck_word_of, CK_SUFFIX) __attribute__((may_alias));
typedef uint16_t CK_JOIN(ck_half_of, CK_SUFFIX) __attribute__((may_alias));

// Half to even; what is not a number stays that.
CK_INLINE uint16_t ck_bfloat16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    const uint32_t rounded = bits + 0x7fffu + (bits >> 16 & 1u);
    return (uint16_t)(((bits & 0x7fffffffu) > 0x7f800000u ? bits | 0x400000u : rounded) >> 16);
}

CK_INLINE void ck_round_row(CK_JOIN(ck_half_of, CK_SUFFIX) *halves, const float *x, ck_int n) {
#ifdef CK_BFLOAT16
    for (ck_int i = 0; i < n; i += 32) {
        const __mmask32 inside = n - i < 32 ? (1u << (n - i)) - 1 : ~0u;
        const __m512 lower = _mm512_maskz_loadu_ps((__mmask16)inside, x + i);
        const __m512 upper = _mm512_maskz_loadu_ps((__mmask16)(inside >> 16), x + i + 16);
        _mm512_mask_storeu_epi16(halves + i, inside, (__m512i)_mm512_cvtne2ps_pbh(upper, lower));
    }
#else
    CK_EACH for (ck_int i = 0; i < n; i++) halves[i] = ck_bfloat16(x[i]);
#endif
}

CK_INLINE float ck_lower(uint32_t word) {
    const uint32_t bits = word << 16;
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

CK_INLINE float ck_upper(uint32_t word) {
    const uint32_t bits = word & 0xffff0000u;
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

// Rows i and i + 1 of a matrix as one row of words; `next` is null behind the last.
CK_INLINE void ck_pair_rows(float *words, const float *row, const float *next, ck_int n) {
#ifdef CK_BFLOAT16
    for (ck_int c = 0; c < n; c += 16) {
        const __mmask16 inside = n - c < 16 ? (__mmask16)((1u << (n - c)) - 1) : 0xffff;
        const __m512 upper = next ? _mm512_maskz_loadu_ps(inside, next + c) : _mm512_setzero_ps();
        const __m256i lower = (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(inside, row + c));
        const __m512i raised = _mm512_slli_epi32(_mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(upper)), 16);
        _mm512_mask_storeu_epi32(words + c, inside, _mm512_or_si512(_mm512_cvtepu16_epi32(lower), raised));
    }
#else
    CK_JOIN(ck_word_of, CK_SUFFIX) *out = (CK_JOIN(ck_word_of, CK_SUFFIX) *)words;
    if (!next) {
        CK_EACH for (ck_int c = 0; c < n; c++) out[c] = ck_bfloat16(row[c]);
        return;
    }
    CK_EACH for (ck_int c = 0; c < n; c++) out[c] = ck_bfloat16(row[c]) | (uint32_t)ck_bfloat16(next[c]) << 16;
#endif
}

static void k_pack_bfloat16(float *panels, const float *b, ck_int ldb, ck_int k, ck_int columns) {
    for (ck_int start = 0; start < columns; start += CK_PANEL) {
        const ck_int width = columns - start < CK_PANEL ? columns - start : CK_PANEL;
        for (ck_int i = 0; i < k; i += 2, panels += CK_PANEL) {
            const float *row = b + i * ldb + start;
            if (width < CK_PANEL) memset(panels, 0, CK_PANEL * sizeof(float));
            ck_pair_rows(panels, row, i + 1 < k ? row + ldb : 0, width);
        }
    }
}

CK_INLINE uint32_t ck_magnitude(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits & 0x7fffffffu;
}

// What bfloat16 leaves of each number; 0 of what it makes infinite or no number, so that one of three products tells it.
CK_INLINE void ck_rest_row(float *rest, const float *x, ck_int n) {
    CK_EACH for (ck_int i = 0; i < n; i++) {
        const float near = ck_lower(ck_bfloat16(x[i]));
        rest[i] = ck_magnitude(near) < 0x7f800000u ? x[i] - near : 0.0f;
    }
}

static void k_pack_bfloat16_rest(float *panels, const float *b, ck_int ldb, ck_int k, ck_int columns) {
    for (ck_int start = 0; start < columns; start += CK_PANEL) {
        const ck_int width = columns - start < CK_PANEL ? columns - start : CK_PANEL;
        for (ck_int i = 0; i < k; i += 2, panels += CK_PANEL) {
            float row[CK_PANEL] = {0}, next[CK_PANEL] = {0};
            ck_rest_row(row, b + i * ldb + start, width);
            if (i + 1 < k) ck_rest_row(next, b + (i + 1) * ldb + start, width);
            ck_pair_rows(panels, row, next, CK_PANEL);
        }
    }
}

static void k_round_bfloat16_rest(float *rounded, ck_int ldr, const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    enum { PIECE = 64 };
    float rest[PIECE];
    for (ck_int row = 0; row < rows; row++, rounded += ldr, x += ldx) {
        CK_JOIN(ck_half_of, CK_SUFFIX) *halves = (CK_JOIN(ck_half_of, CK_SUFFIX) *)rounded;
        if (columns % 2) halves[columns] = 0;
        for (ck_int from = 0; from < columns; from += PIECE) {
            const ck_int n = columns - from < PIECE ? columns - from : PIECE;
            ck_rest_row(rest, x + from, n);
            ck_round_row(halves + from, rest, n);
        }
    }
}

static void k_round_bfloat16(float *rounded, ck_int ldr, const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    for (ck_int row = 0; row < rows; row++, rounded += ldr, x += ldx) {
        CK_JOIN(ck_half_of, CK_SUFFIX) *halves = (CK_JOIN(ck_half_of, CK_SUFFIX) *)rounded;
        if (columns % 2) halves[columns] = 0;
        ck_round_row(halves, x, columns);
    }
}

// The greatest of the absolute values, as bits: those of what is no number are above those of infinity.
CK_INLINE uint32_t ck_greatest(const float *x, ck_int n) {
    uint32_t top = 0;
    CK_EACH for (ck_int i = 0; i < n; i++) top = ck_magnitude(x[i]) > top ? ck_magnitude(x[i]) : top;
    return top;
}

// The length of a step of 127 from 0 to the greatest of some numbers, and its inverse; 0 for numbers that are all but 0. Of
// numbers that are not all finite the inverse is 0 too, and the length is not finite.
CK_INLINE float ck_step(uint32_t greatest, float *inverse) {
    float top;
    memcpy(&top, &greatest, 4);
    *inverse = top > 1e-30f && greatest < 0x7f800000u ? 127.0f / top : 0.0f;
    return top > 1e-30f || !(top == top) ? top / 127.0f : 0.0f;
}

// Adding it rounds a number between −127 and 127 to the nearest integer, half to even, and leaves that, raised by 128, in the
// lowest byte.
#define CK_RAISE 12583040.0f

CK_INLINE void ck_step_row(uint8_t *steps, const float *x, float inverse, ck_int n) {
    if (inverse == 0.0f) {
        memset(steps, 128, (size_t)n);
        return;
    }
    CK_EACH for (ck_int i = 0; i < n; i++) {
        const float z = x[i] * inverse + CK_RAISE;
        uint32_t bits;
        memcpy(&bits, &z, 4);
        steps[i] = (uint8_t)bits;
    }
}

// A panel is the step of each column, 128 · the sum of the column in steps, and then the words.
static void k_pack_int8(float *panels, const float *b, ck_int ldb, ck_int k, ck_int columns) {
    const ck_int words = (k + 3) / 4;
    for (ck_int start = 0; start < columns; start += CK_PANEL, panels += (words + 2) * CK_PANEL) {
        const ck_int width = columns - start < CK_PANEL ? columns - start : CK_PANEL;
        const float *from = b + start;
        uint32_t top[CK_PANEL] = {0};
        int32_t sums[CK_PANEL] = {0};
        float row[CK_PANEL], inverse[CK_PANEL];
        for (ck_int i = 0; i < k; i++) {
            ck_panel_row(row, from + i * ldb, 1, width);
            CK_EACH for (ck_int c = 0; c < CK_PANEL; c++)
                top[c] = ck_magnitude(row[c]) > top[c] ? ck_magnitude(row[c]) : top[c];
        }
        for (ck_int c = 0; c < CK_PANEL; c++) panels[c] = ck_step(top[c], inverse + c);
        for (ck_int word = 0; word < words; word++) {
            uint32_t packed[CK_PANEL] = {0};
            for (ck_int j = 0; j < 4 && 4 * word + j < k; j++) {
                ck_panel_row(row, from + (4 * word + j) * ldb, 1, width);
                CK_EACH for (ck_int c = 0; c < CK_PANEL; c++) {
                    const float z = (inverse[c] == 0.0f ? 0.0f : row[c] * inverse[c]) + CK_RAISE;
                    uint32_t bits;
                    memcpy(&bits, &z, 4);
                    const int32_t q = (int32_t)(bits & 255u) - 128;
                    packed[c] |= ((uint32_t)q & 255u) << 8 * j;
                    sums[c] += 128 * q;
                }
            }
            memcpy(panels + (2 + word) * CK_PANEL, packed, sizeof packed);
        }
        memcpy(panels + CK_PANEL, sums, sizeof sums);
    }
}
#undef CK_RAISE

static void k_round_int8(float *rounded, ck_int ldr, const float *x, ck_int ldx, ck_int rows, ck_int columns) {
    for (ck_int row = 0; row < rows; row++, rounded += ldr, x += ldx) {
        float inverse;
        rounded[0] = ck_step(ck_greatest(x, columns), &inverse);
        memset(rounded + (columns + 3) / 4, 128, sizeof(float));
        ck_step_row((uint8_t *)(rounded + 1), x, inverse, columns);
    }
}
