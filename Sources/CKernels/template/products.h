// Products with a matrix that was put in order beforehand: panels of CK_PANEL columns, each of them row by row, the last filled
// up with zeros. A tile of the result stays in registers until all terms are added up; what follows the product is done
// before the tile leaves.
#define CK_PANEL CK_PANEL_COLUMNS

#ifndef CK_FACTORS
#define CK_FACTORS
// What a word of a factor holds: one float, two bfloat16, or four int8 (of x raised by 128).
enum { CK_SINGLE, CK_PAIR, CK_QUAD };
#endif

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

static void k_pack_bfloat16(
    float *panels, const float *b, ck_int down, ck_int across, ck_int k, ck_int columns, float alpha) {
    for (ck_int start = 0; start < columns; start += CK_PANEL) {
        const ck_int width = columns - start < CK_PANEL ? columns - start : CK_PANEL;
        for (ck_int i = 0; i < k; i += 2, panels += CK_PANEL) {
            float row[CK_PANEL], next[CK_PANEL] = {0};
            uint32_t words[CK_PANEL];
            ck_panel_row(row, b + i * down + start * across, across, width);
            if (i + 1 < k) ck_panel_row(next, b + (i + 1) * down + start * across, across, width);
            CK_EACH for (ck_int c = 0; c < CK_PANEL; c++)
                words[c] = ck_bfloat16(alpha * row[c]) | (uint32_t)ck_bfloat16(alpha * next[c]) << 16;
            memcpy(panels, words, sizeof words);
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

CK_INLINE uint32_t ck_magnitude(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits & 0x7fffffffu;
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
static void k_pack_int8(
    float *panels, const float *b, ck_int down, ck_int across, ck_int k, ck_int columns, float alpha) {
    const ck_int words = (k + 3) / 4;
    for (ck_int start = 0; start < columns; start += CK_PANEL, panels += (words + 2) * CK_PANEL) {
        const ck_int width = columns - start < CK_PANEL ? columns - start : CK_PANEL;
        const float *from = b + start * across;
        uint32_t top[CK_PANEL] = {0};
        int32_t sums[CK_PANEL] = {0};
        float row[CK_PANEL], inverse[CK_PANEL];
        for (ck_int i = 0; i < k; i++) {
            ck_panel_row(row, from + i * down, across, width);
            CK_EACH for (ck_int c = 0; c < CK_PANEL; c++)
                top[c] = ck_magnitude(row[c]) > top[c] ? ck_magnitude(row[c]) : top[c];
        }
        for (ck_int c = 0; c < CK_PANEL; c++) panels[c] = alpha * ck_step(top[c], inverse + c);
        for (ck_int word = 0; word < words; word++) {
            uint32_t packed[CK_PANEL] = {0};
            for (ck_int j = 0; j < 4 && 4 * word + j < k; j++) {
                ck_panel_row(row, from + (4 * word + j) * down, across, width);
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

// What follows the product, on `rows` rows of a tile that begins at (row, column) and is `width` columns wide in memory.
CK_INLINE void ck_finish(const ck_packed_product *p, const float *tile, ck_int width, ck_int row, ck_int rows,
                         ck_int column, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *t = tile + r * width, *bias = p->bias ? p->bias + column : 0;
        float *y = p->y + (row + r) * p->ldy + column;
        if (p->acc) {
            CK_EACH for (ck_int c = 0; c < columns; c++) y[c] += t[c];
        } else if (p->x0) {
            const float *x0 = p->x0 + (row + r) * p->ldx0 + column, *x = p->x + (row + r) * p->ldx + column;
            if (bias) {
                CK_EACH for (ck_int c = 0; c < columns; c++) y[c] = x0[c] * (t[c] + bias[c]) + x[c];
            } else {
                CK_EACH for (ck_int c = 0; c < columns; c++) y[c] = x0[c] * t[c] + x[c];
            }
        } else if (p->rectify) {
            CK_EACH for (ck_int c = 0; c < columns; c++) {
                float z = t[c] + bias[c];
                y[c] = z > 0.0f ? z : z == z ? 0.0f : z;
            }
        } else if (bias) {
            CK_EACH for (ck_int c = 0; c < columns; c++) y[c] = t[c] + bias[c];
        } else {
            CK_EACH for (ck_int c = 0; c < columns; c++) y[c] = t[c];
        }
    }
}

#ifdef CK_SCALAR

CK_INLINE float ck_word_product(float x, float w, const int kind) {
    if (kind == CK_SINGLE) return x * w;
    uint32_t xs, ws;
    memcpy(&xs, &x, 4);
    memcpy(&ws, &w, 4);
    if (kind == CK_PAIR) return ck_lower(xs) * ck_lower(ws) + ck_upper(xs) * ck_upper(ws);
    int32_t sum = 0;
    for (int j = 0; j < 4; j++) sum += (int32_t)(xs >> 8 * j & 255u) * (int8_t)(ws >> 8 * j);
    return (float)sum;
}

// `upright`: the factors of a column side by side instead of those of a row.
CK_INLINE void ck_sum_products(const ck_packed_product *p, const int kind, const int upright) {
    const ck_int head = kind == CK_QUAD ? 2 : 0;
    for (ck_int row = 0; row < p->rows; row++)
        for (ck_int column = 0; column < p->columns; column++) {
            float sum = 0;
            for (ck_int t = 0; t < p->count; t++) {
                const ck_packed_term *term = p->terms + t;
                const float *panel = term->panels + (column / CK_PANEL) * (term->k + head) * CK_PANEL + column % CK_PANEL;
                const float *x = term->x + (upright ? row : row * term->ldx) + (kind == CK_QUAD);
                float own = 0;
                for (ck_int i = 0; i < term->k; i++)
                    own += ck_word_product(x[upright ? i * term->ldx : i], panel[(head + i) * CK_PANEL], kind);
                if (kind == CK_QUAD) {
                    int32_t raised;
                    memcpy(&raised, panel + CK_PANEL, 4);
                    own = (own - (float)raised) * panel[0] * x[-1];
                }
                sum += own;
            }
            ck_finish(p, &sum, 1, row, 1, column, 1);
        }
}

#else

#if defined(CK_MASKS)
#define CK_LANES 16
#define CK_TILE_ROWS 12
#define CK_TILE_VECTORS 2
#elif defined(CK_EIGHT)
#define CK_LANES 8
#define CK_TILE_ROWS 6
#define CK_TILE_VECTORS 2
#elif defined(__aarch64__)
#define CK_LANES 4
#define CK_TILE_ROWS 6
#define CK_TILE_VECTORS 4
#else
#define CK_LANES 4
#define CK_TILE_ROWS 2
#define CK_TILE_VECTORS 4
#endif

_Static_assert(CK_TILE_VECTORS * CK_LANES % CK_PANEL_COLUMNS == 0 && CK_PANEL_COLUMNS % CK_LANES == 0,
               "a tile is whole panels, a panel whole vectors");
typedef float CK_JOIN(ck_lanes, CK_SUFFIX) __attribute__((vector_size(4 * CK_LANES), aligned(4), may_alias));
typedef uint32_t CK_JOIN(ck_words, CK_SUFFIX) __attribute__((vector_size(4 * CK_LANES), aligned(4)));

// sum + the two products of a word of x with each word of `factors`.
CK_INLINE CK_JOIN(ck_lanes, CK_SUFFIX)
    ck_add_pair(CK_JOIN(ck_lanes, CK_SUFFIX) sum, CK_JOIN(ck_lanes, CK_SUFFIX) factors, uint32_t x) {
#ifdef CK_BFLOAT16
    return (CK_JOIN(ck_lanes, CK_SUFFIX))_mm512_dpbf16_ps(
        (__m512)sum, (__m512bh)_mm512_set1_epi32((int)x), (__m512bh)factors);
#else
    const CK_JOIN(ck_words, CK_SUFFIX) words = (CK_JOIN(ck_words, CK_SUFFIX))factors;
    sum += ck_lower(x) * (CK_JOIN(ck_lanes, CK_SUFFIX))(words << 16);
    return sum + ck_upper(x) * (CK_JOIN(ck_lanes, CK_SUFFIX))(words & 0xffff0000u);
#endif
}

typedef int32_t CK_JOIN(ck_integers, CK_SUFFIX) __attribute__((vector_size(4 * CK_LANES), aligned(4), may_alias));

// sum + the four products of a word of x with each word of `factors`.
CK_INLINE CK_JOIN(ck_integers, CK_SUFFIX) ck_add_quad(
    CK_JOIN(ck_integers, CK_SUFFIX) sum, CK_JOIN(ck_integers, CK_SUFFIX) factors, uint32_t x) {
#ifdef CK_BFLOAT16
    return (CK_JOIN(ck_integers, CK_SUFFIX))_mm512_dpbusd_epi32(
        (__m512i)sum, _mm512_set1_epi32((int)x), (__m512i)factors);
#else
    for (int j = 0; j < 4; j++) sum += (int32_t)(x >> 8 * j & 255u) * (factors << (24 - 8 * j) >> 24);
    return sum;
#endif
}

// A tile of products of int8; see `ck_tile`.
CK_INLINE void ck_quad_tile(const ck_packed_product *p, ck_int row, const ck_int rows, ck_int panel, const ck_int vectors) {
    typedef CK_JOIN(ck_lanes, CK_SUFFIX) lanes;
    typedef CK_JOIN(ck_integers, CK_SUFFIX) integers;
    const ck_int width = vectors * CK_LANES, column = panel * CK_PANEL, left = p->columns - column;
    float tile[CK_TILE_ROWS * CK_TILE_VECTORS * CK_LANES];
    for (ck_int t = 0; t < p->count; t++) {
        const ck_packed_term *term = p->terms + t;
        const ck_int k = term->k, ldx = term->ldx, size = (k + 2) * CK_PANEL;
        const float *x = term->x + row * ldx, *b = term->panels + panel * size;
        integers sums[CK_TILE_ROWS][CK_TILE_VECTORS];
        _Pragma("clang loop unroll(full)") for (ck_int r = 0; r < rows; r++)
            _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++) sums[r][v] = (integers){0};
        for (ck_int i = 0; i < k; i++) {
            integers factors[CK_TILE_VECTORS];
            _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++) {
                const ck_int at = v * CK_LANES;
                factors[v] = *(const integers *)(b + at / CK_PANEL * size + (2 + i) * CK_PANEL + at % CK_PANEL);
            }
            _Pragma("clang loop unroll(full)") for (ck_int r = 0; r < rows; r++) {
                uint32_t word;
                memcpy(&word, x + r * ldx + 1 + i, 4);
                _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++)
                    sums[r][v] = ck_add_quad(sums[r][v], factors[v], word);
            }
        }
        _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++) {
            const ck_int at = v * CK_LANES;
            const float *head = b + at / CK_PANEL * size + at % CK_PANEL;
            const lanes steps = *(const lanes *)head;
            const integers raised = *(const integers *)(head + CK_PANEL);
            _Pragma("clang loop unroll(full)") for (ck_int r = 0; r < rows; r++) {
                lanes *sum = (lanes *)(tile + r * width + at);
                const lanes own = __builtin_convertvector(sums[r][v] - raised, lanes) * steps * x[r * ldx];
                *sum = t ? *sum + own : own;
            }
        }
    }
    if (!p->count) memset(tile, 0, sizeof tile);
    ck_finish(p, tile, width, row, rows, column, left < width ? left : width);
}

// All but p, row and panel are constants where this is inlined, so that the sums live in registers. `upright`: the factors of a
// column lie side by side instead of those of a row.
CK_INLINE void ck_tile(
    const ck_packed_product *p, ck_int row, const ck_int rows, ck_int panel, const ck_int vectors, const int kind,
    const int upright) {
    if (kind == CK_QUAD) return ck_quad_tile(p, row, rows, panel, vectors);
    typedef CK_JOIN(ck_lanes, CK_SUFFIX) lanes;
    lanes sums[CK_TILE_ROWS][CK_TILE_VECTORS];
    _Pragma("clang loop unroll(full)") for (ck_int r = 0; r < rows; r++)
        _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++) sums[r][v] = (lanes){0};
    for (ck_int t = 0; t < p->count; t++) {
        const ck_packed_term *term = p->terms + t;
        const ck_int k = term->k, ldx = term->ldx;
        const float *x = term->x + (upright ? row : row * ldx), *b = term->panels + panel * k * CK_PANEL;
        for (ck_int i = 0; i < k; i++, b += CK_PANEL) {
            lanes factors[CK_TILE_VECTORS];
            _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++) {
                const ck_int at = v * CK_LANES;
                factors[v] = *(const lanes *)(b + (at / CK_PANEL) * k * CK_PANEL + at % CK_PANEL);
            }
            _Pragma("clang loop unroll(full)") for (ck_int r = 0; r < rows; r++) {
                const float *factor = x + (upright ? i * ldx + r : r * ldx + i), value = *factor;
                uint32_t word;
                memcpy(&word, factor, 4);
                _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++)
                    sums[r][v] = kind == CK_PAIR ? ck_add_pair(sums[r][v], factors[v], word) : sums[r][v] + value * factors[v];
            }
        }
    }
    float tile[CK_TILE_ROWS * CK_TILE_VECTORS * CK_LANES];
    const ck_int width = vectors * CK_LANES, column = panel * CK_PANEL, left = p->columns - column;
    _Pragma("clang loop unroll(full)") for (ck_int r = 0; r < rows; r++)
        _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++)
            *(lanes *)(tile + r * width + v * CK_LANES) = sums[r][v];
    ck_finish(p, tile, width, row, rows, column, left < width ? left : width);
}

CK_INLINE void ck_column(const ck_packed_product *p, ck_int panel, const ck_int vectors, const int kind, const int upright) {
    ck_int row = 0;
    for (; row + CK_TILE_ROWS <= p->rows; row += CK_TILE_ROWS) ck_tile(p, row, CK_TILE_ROWS, panel, vectors, kind, upright);
#if CK_TILE_ROWS > 8
    for (; row + 8 <= p->rows; row += 8) ck_tile(p, row, 8, panel, vectors, kind, upright);
#endif
#if CK_TILE_ROWS > 4
    for (; row + 4 <= p->rows; row += 4) ck_tile(p, row, 4, panel, vectors, kind, upright);
    for (; row + 2 <= p->rows; row += 2) ck_tile(p, row, 2, panel, vectors, kind, upright);
#endif
    for (; row < p->rows; row++) ck_tile(p, row, 1, panel, vectors, kind, upright);
}

CK_INLINE void ck_sum_products(const ck_packed_product *p, const int kind, const int upright) {
    const ck_int panels = (p->columns + CK_PANEL - 1) / CK_PANEL, step = CK_TILE_VECTORS * CK_LANES / CK_PANEL;
    ck_int panel = 0;
    for (; panel + step <= panels; panel += step) ck_column(p, panel, CK_TILE_VECTORS, kind, upright);
    for (; panel < panels; panel++) ck_column(p, panel, CK_PANEL / CK_LANES, kind, upright);
}

#undef CK_LANES
#undef CK_TILE_ROWS
#undef CK_TILE_VECTORS
#endif

static void k_product(const ck_packed_product *p) { ck_sum_products(p, CK_SINGLE, 0); }

static void k_product_bfloat16(const ck_packed_product *p) { ck_sum_products(p, CK_PAIR, 0); }

static void k_product_int8(const ck_packed_product *p) { ck_sum_products(p, CK_QUAD, 0); }

// Rows i and i + 1 of a matrix as one row of words; `next` is null behind the last.
CK_INLINE void ck_pair_rows(float *words, const float *row, const float *next, ck_int n) {
    CK_JOIN(ck_word_of, CK_SUFFIX) *out = (CK_JOIN(ck_word_of, CK_SUFFIX) *)words;
    if (!next) {
        CK_EACH for (ck_int c = 0; c < n; c++) out[c] = ck_bfloat16(row[c]);
        return;
    }
    CK_EACH for (ck_int c = 0; c < n; c++) out[c] = ck_bfloat16(row[c]) | (uint32_t)ck_bfloat16(next[c]) << 16;
}

// Rows first ..< first + k and `columns` columns of B as panels of words, the last panel filled up with zeros.
CK_INLINE void ck_pack_block(float *panels, const ck_matrices *p, ck_int first, ck_int k, ck_int column, ck_int columns) {
    const ck_int words = (k + 1) / 2;
    for (ck_int start = 0; start < columns; start += CK_PANEL, panels += words * CK_PANEL) {
        const ck_int width = columns - start < CK_PANEL ? columns - start : CK_PANEL;
        if (width < CK_PANEL) memset(panels, 0, (size_t)(words * CK_PANEL) * sizeof(float));
        const float *b = p->b + first * p->b_down + (column + start) * p->b_across;
        if (p->b_across == 1) {
            for (ck_int i = 0; i < words; i++)
                ck_pair_rows(panels + i * CK_PANEL, b + 2 * i * p->b_down,
                             2 * i + 1 < k ? b + (2 * i + 1) * p->b_down : 0, width);
            continue;
        }
        float rounded[CK_BLOCK_INNER / 2];
        for (ck_int c = 0; c < width; c++) {
            rounded[words - 1] = 0;
            ck_round_row((CK_JOIN(ck_half_of, CK_SUFFIX) *)rounded, b + c * p->b_across, k);
            for (ck_int i = 0; i < words; i++) panels[i * CK_PANEL + c] = rounded[i];
        }
    }
}

static void k_multiply_bfloat16(const ck_matrices *p, float *room) {
    float *panels = room, *rounded = room + CK_BLOCK_COLUMNS * CK_BLOCK_INNER / 2;
    for (ck_int column = 0; column < p->n; column += CK_BLOCK_COLUMNS)
        for (ck_int first = 0; first < p->k; first += CK_BLOCK_INNER) {
            const ck_int columns = p->n - column < CK_BLOCK_COLUMNS ? p->n - column : CK_BLOCK_COLUMNS;
            const ck_int k = p->k - first < CK_BLOCK_INNER ? p->k - first : CK_BLOCK_INNER, words = (k + 1) / 2;
            ck_pack_block(panels, p, first, k, column, columns);
            for (ck_int row = 0; row < p->m; row += CK_BLOCK_ROWS) {
                const ck_int rows = p->m - row < CK_BLOCK_ROWS ? p->m - row : CK_BLOCK_ROWS;
                const float *a = p->a + row * p->a_down + first * p->a_across;
                const int upright = p->a_across != 1;
                const ck_packed_term term = {rounded, panels, upright ? CK_BLOCK_ROWS : words, words};
                const ck_packed_product product = {
                    .terms = &term, .count = 1, .rows = rows, .columns = columns,
                    .y = p->c + row * p->ldc + column, .ldy = p->ldc, .acc = p->acc || first > 0};
                if (!upright) {
                    k_round_bfloat16(rounded, words, a, p->a_down, rows, k);
                    ck_sum_products(&product, CK_PAIR, 0);
                    continue;
                }
                for (ck_int i = 0; i < words; i++)
                    ck_pair_rows(rounded + i * CK_BLOCK_ROWS, a + 2 * i * p->a_across,
                                 2 * i + 1 < k ? a + (2 * i + 1) * p->a_across : 0, rows);
                ck_sum_products(&product, CK_PAIR, 1);
            }
        }
}
#undef CK_PANEL
