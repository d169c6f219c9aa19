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

// What follows the product, on `rows` rows of a tile that begins at (row, column) and is `width` columns wide in memory.
CK_INLINE void ck_finish(const ck_packed_product *p, const float *tile, ck_int width, ck_int row, ck_int rows,
                         ck_int column, ck_int columns) {
    for (ck_int r = 0; r < rows; r++) {
        const float *t = tile + r * width, *bias = p->bias ? p->bias + column : 0;
        float *y = p->y + (row + r) * p->ldy + column;
        if (p->x0) {
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

static void k_product(const ck_packed_product *p) {
    for (ck_int row = 0; row < p->rows; row++)
        for (ck_int column = 0; column < p->columns; column++) {
            float sum = 0;
            for (ck_int t = 0; t < p->count; t++) {
                const ck_packed_term *term = p->terms + t;
                const float *panel = term->panels + (column / CK_PANEL) * term->k * CK_PANEL + column % CK_PANEL;
                for (ck_int i = 0; i < term->k; i++) sum += term->x[row * term->ldx + i] * panel[i * CK_PANEL];
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
typedef float CK_JOIN(ck_lanes, CK_SUFFIX) __attribute__((vector_size(4 * CK_LANES), aligned(4)));

// `rows` and `vectors` are constants where this is inlined, so that the sums live in registers.
CK_INLINE void ck_tile(const ck_packed_product *p, ck_int row, const ck_int rows, ck_int panel, const ck_int vectors) {
    typedef CK_JOIN(ck_lanes, CK_SUFFIX) lanes;
    lanes sums[CK_TILE_ROWS][CK_TILE_VECTORS];
    _Pragma("clang loop unroll(full)") for (ck_int r = 0; r < rows; r++)
        _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++) sums[r][v] = (lanes){0};
    for (ck_int t = 0; t < p->count; t++) {
        const ck_packed_term *term = p->terms + t;
        const ck_int k = term->k, ldx = term->ldx;
        const float *x = term->x + row * ldx, *b = term->panels + panel * k * CK_PANEL;
        for (ck_int i = 0; i < k; i++, b += CK_PANEL) {
            lanes factors[CK_TILE_VECTORS];
            _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++) {
                const ck_int at = v * CK_LANES;
                factors[v] = *(const lanes *)(b + (at / CK_PANEL) * k * CK_PANEL + at % CK_PANEL);
            }
            _Pragma("clang loop unroll(full)") for (ck_int r = 0; r < rows; r++) {
                const float value = x[r * ldx + i];
                _Pragma("clang loop unroll(full)") for (ck_int v = 0; v < vectors; v++) sums[r][v] += value * factors[v];
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

CK_INLINE void ck_column(const ck_packed_product *p, ck_int panel, const ck_int vectors) {
    ck_int row = 0;
    for (; row + CK_TILE_ROWS <= p->rows; row += CK_TILE_ROWS) ck_tile(p, row, CK_TILE_ROWS, panel, vectors);
#if CK_TILE_ROWS > 4
    for (; row + 4 <= p->rows; row += 4) ck_tile(p, row, 4, panel, vectors);
    for (; row + 2 <= p->rows; row += 2) ck_tile(p, row, 2, panel, vectors);
#endif
    for (; row < p->rows; row++) ck_tile(p, row, 1, panel, vectors);
}

static void k_product(const ck_packed_product *p) {
    const ck_int panels = (p->columns + CK_PANEL - 1) / CK_PANEL, step = CK_TILE_VECTORS * CK_LANES / CK_PANEL;
    ck_int panel = 0;
    for (; panel + step <= panels; panel += step) ck_column(p, panel, CK_TILE_VECTORS);
    for (; panel < panels; panel++) ck_column(p, panel, CK_PANEL / CK_LANES);
}

#undef CK_LANES
#undef CK_TILE_ROWS
#undef CK_TILE_VECTORS
#endif
#undef CK_PANEL
