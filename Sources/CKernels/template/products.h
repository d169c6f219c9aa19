// Products with a matrix that was put in order beforehand: panels of CK_PANEL columns, each of them row by row, the last filled
// up with zeros. A tile of the result stays in registers until all terms are added up; what follows the product is done
// before the tile leaves.
#define CK_PANEL CK_PANEL_COLUMNS

static void k_pack(float *panels, const float *b, ck_int down, ck_int across, ck_int k, ck_int columns, float alpha) {
    for (ck_int start = 0; start < columns; start += CK_PANEL)
        for (ck_int i = 0; i < k; i++, panels += CK_PANEL)
            for (ck_int c = 0; c < CK_PANEL; c++)
                panels[c] = start + c < columns ? alpha * b[i * down + (start + c) * across] : 0.0f;
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
    for (ck_int start = 0; start < columns; start += CK_PANEL)
        for (ck_int i = 0; i < k; i += 2, panels += CK_PANEL)
            for (ck_int c = 0; c < CK_PANEL; c++) {
                const float *x = b + i * down + (start + c) * across;
                const int inside = start + c < columns;
                const uint32_t lower = inside ? ck_bfloat16(alpha * x[0]) : 0;
                const uint32_t upper = inside && i + 1 < k ? ck_bfloat16(alpha * x[down]) : 0;
                const uint32_t word = lower | upper << 16;
                memcpy(panels + c, &word, 4);
            }
}

// The terms of `p` with factors rounded to bfloat16, in `rounded`, so that two columns are one word.
CK_INLINE void ck_round_terms(const ck_packed_product *p, ck_packed_term *terms, float *rounded) {
    for (ck_int t = 0; t < p->count; t++) {
        const ck_packed_term *term = p->terms + t;
        const ck_int words = (term->k + 1) / 2;
        terms[t] = (ck_packed_term){rounded, term->panels, words, words};
        for (ck_int row = 0; row < p->rows; row++, rounded += words) {
            const float *x = term->x + row * term->ldx;
            CK_JOIN(ck_half_of, CK_SUFFIX) *halves = (CK_JOIN(ck_half_of, CK_SUFFIX) *)rounded;
            if (term->k % 2) halves[term->k] = 0;
            ck_round_row(halves, x, term->k);
        }
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
            CK_EACH for (ck_int c = 0; c < columns; c++) y[c] = x0[c] * (t[c] + bias[c]) + x[c];
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

// `pairs`: two factors to a word. `upright`: the factors of a column side by side instead of those of a row.
CK_INLINE void ck_sum_products(const ck_packed_product *p, const int pairs, const int upright) {
    for (ck_int row = 0; row < p->rows; row++)
        for (ck_int column = 0; column < p->columns; column++) {
            float sum = 0;
            for (ck_int t = 0; t < p->count; t++) {
                const ck_packed_term *term = p->terms + t;
                const float *panel = term->panels + (column / CK_PANEL) * term->k * CK_PANEL + column % CK_PANEL;
                for (ck_int i = 0; i < term->k; i++) {
                    const float *x = term->x + (upright ? i * term->ldx + row : row * term->ldx + i);
                    const float *w = panel + i * CK_PANEL;
                    uint32_t xs, ws;
                    memcpy(&xs, x, 4);
                    memcpy(&ws, w, 4);
                    sum += pairs ? ck_lower(xs) * ck_lower(ws) + ck_upper(xs) * ck_upper(ws) : *x * *w;
                }
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

// All but p, row and panel are constants where this is inlined, so that the sums live in registers. `upright`: the factors of a
// column lie side by side instead of those of a row.
CK_INLINE void ck_tile(
    const ck_packed_product *p, ck_int row, const ck_int rows, ck_int panel, const ck_int vectors, const int pairs,
    const int upright) {
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
                    sums[r][v] = pairs ? ck_add_pair(sums[r][v], factors[v], word) : sums[r][v] + value * factors[v];
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

CK_INLINE void ck_column(const ck_packed_product *p, ck_int panel, const ck_int vectors, const int pairs, const int upright) {
    ck_int row = 0;
    for (; row + CK_TILE_ROWS <= p->rows; row += CK_TILE_ROWS) ck_tile(p, row, CK_TILE_ROWS, panel, vectors, pairs, upright);
#if CK_TILE_ROWS > 4
    for (; row + 4 <= p->rows; row += 4) ck_tile(p, row, 4, panel, vectors, pairs, upright);
    for (; row + 2 <= p->rows; row += 2) ck_tile(p, row, 2, panel, vectors, pairs, upright);
#endif
    for (; row < p->rows; row++) ck_tile(p, row, 1, panel, vectors, pairs, upright);
}

CK_INLINE void ck_sum_products(const ck_packed_product *p, const int pairs, const int upright) {
    const ck_int panels = (p->columns + CK_PANEL - 1) / CK_PANEL, step = CK_TILE_VECTORS * CK_LANES / CK_PANEL;
    ck_int panel = 0;
    for (; panel + step <= panels; panel += step) ck_column(p, panel, CK_TILE_VECTORS, pairs, upright);
    for (; panel < panels; panel++) ck_column(p, panel, CK_PANEL / CK_LANES, pairs, upright);
}

#undef CK_LANES
#undef CK_TILE_ROWS
#undef CK_TILE_VECTORS
#endif

static void k_product(const ck_packed_product *p) { ck_sum_products(p, 0, 0); }

static void k_product_bfloat16(const ck_packed_product *p, float *rounded) {
    ck_packed_term terms[p->count];
    ck_round_terms(p, terms, rounded);
    ck_packed_product product = *p;
    product.terms = terms;
    ck_sum_products(&product, 1, 0);
}

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
                const ck_packed_term whole = {a, panels, p->a_down, k};
                ck_packed_term term = {rounded, panels, CK_BLOCK_ROWS, words};
                ck_packed_product product = {
                    .terms = &whole, .count = 1, .rows = rows, .columns = columns,
                    .y = p->c + row * p->ldc + column, .ldy = p->ldc, .acc = p->acc || first > 0};
                if (p->a_across == 1) {
                    ck_round_terms(&product, &term, rounded);
                    product.terms = &term;
                    ck_sum_products(&product, 1, 0);
                    continue;
                }
                for (ck_int i = 0; i < words; i++)
                    ck_pair_rows(rounded + i * CK_BLOCK_ROWS, a + 2 * i * p->a_across,
                                 2 * i + 1 < k ? a + (2 * i + 1) * p->a_across : 0, rows);
                product.terms = &term;
                ck_sum_products(&product, 1, 1);
            }
        }
}
#undef CK_PANEL
