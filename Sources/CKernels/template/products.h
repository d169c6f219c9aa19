// Products with packed matrices. A tile of the result stays in registers until all terms are added up; what follows the product
// is done before the tile leaves.
// What a word of a factor holds: one float, two bfloat16, or four int8 (of x raised by 128).
enum { CK_SINGLE, CK_PAIR, CK_QUAD };

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
                // Sums of int8 are exact.
                double own = 0;
                for (ck_int i = 0; i < term->k; i++)
                    own += ck_word_product(x[upright ? i * term->ldx : i], panel[(head + i) * CK_PANEL], kind);
                if (kind == CK_QUAD) {
                    int32_t raised;
                    memcpy(&raised, panel + CK_PANEL, 4);
                    own = (own - raised) * panel[0] * x[-1];
                }
                sum += (float)own;
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

#ifdef CK_TILES
#include "tiles.h"
#else
CK_INLINE void ck_tile_products(const ck_packed_product *p, const int kind) { ck_sum_products(p, kind, 0); }
#endif

static void k_product(const ck_packed_product *p) { ck_sum_products(p, CK_SINGLE, 0); }

static void k_product_bfloat16(const ck_packed_product *p) { ck_tile_products(p, CK_PAIR); }

static void k_product_int8(const ck_packed_product *p) { ck_tile_products(p, CK_QUAD); }
