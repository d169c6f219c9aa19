// Products of rounded factors in tile registers of 16 rows of 16 words: two of factors and two of panels make four of sums. A word
// of a factor holds two bfloat16 or four int8, as elsewhere, and a panel is as wide as a tile, so both are read where they lie.
#define CK_SIDE 16
_Static_assert(CK_SIDE == CK_PANEL_COLUMNS, "a panel is a tile wide");
#define CK_WORD ((ck_int)sizeof(float))

// The shapes of the tiles: 0 to 3 are sums of 16, or `above` and `below`, rows; 4 and 5 factors of as many rows; 6 and 7 panels.
CK_INLINE void ck_shape_tiles(ck_int above, ck_int below) {
    struct {
        uint8_t palette, start, unused[14];
        uint16_t bytes[16];
        uint8_t rows[16];
    } shapes = {.palette = 1};
    _Static_assert(sizeof shapes == 64, "the form of LDTILECFG");
    for (int tile = 0; tile < 8; tile++) {
        const ck_int rows = tile > 5 ? CK_SIDE : tile == 2 || tile == 3 || tile == 5 ? below : above;
        shapes.rows[tile] = (uint8_t)rows;
        shapes.bytes[tile] = CK_SIDE * CK_WORD;
    }
    _tile_loadconfig(&shapes);
}

// Adds one step of 16 words to the sums. All but the addresses are constants where this is inlined.
CK_INLINE void ck_tile_step(const float *x, ck_int ldx, const float *b, const float *next, const int kind, const int below,
                            const int pair) {
#define CK_STEP(sums, factors, panels)                                                              \
    if (kind == CK_PAIR) _tile_dpbf16ps(sums, factors, panels); else _tile_dpbusd(sums, factors, panels)
    _tile_loadd(6, b, CK_SIDE * CK_WORD);
    _tile_loadd(4, x, ldx * CK_WORD);
    CK_STEP(0, 4, 6);
    if (below) {
        _tile_loadd(5, x + CK_SIDE * ldx, ldx * CK_WORD);
        CK_STEP(2, 5, 6);
    }
    if (!pair) return;
    _tile_loadd(7, next, CK_SIDE * CK_WORD);
    CK_STEP(1, 4, 7);
    if (below) { CK_STEP(3, 5, 7); }
#undef CK_STEP
}

CK_INLINE void ck_clear_tiles(void) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
}

CK_INLINE void ck_store_tiles(float *sums, const int below, const int pair) {
    const ck_int row = 2 * CK_SIDE * CK_WORD;
    _tile_stored(0, sums, row);
    if (pair) _tile_stored(1, sums + CK_SIDE, row);
    if (!below) return;
    _tile_stored(2, sums + 2 * CK_SIDE * CK_SIDE, row);
    if (pair) _tile_stored(3, sums + 2 * CK_SIDE * CK_SIDE + CK_SIDE, row);
}

// The words of a block of rows that fill no whole step, behind zeros for those that an earlier step has had; where there was none,
// masked lanes, which are not read, lie before the row. A weight that is infinite meets such a zero and becomes no number.
CK_INLINE void ck_last_words(float *last, const float *x, ck_int ldx, ck_int rows, ck_int k) {
    const __mmask16 kept = (__mmask16)(0xffffu << (CK_SIDE - k % CK_SIDE));
    const ck_int from = k - CK_SIDE;
    for (ck_int row = 0; row < rows; row++)
        _mm512_storeu_ps(last + row * CK_SIDE, _mm512_maskz_loadu_ps(kept, x + row * ldx + from));
}

// One term for a block of rows and one or two panels. The last step, where it is not whole, begins early enough to stay inside a
// panel; of a panel with fewer rows than a step zeros are put before it.
CK_INLINE void ck_tile_term(const ck_packed_term *term, const float *last, ck_int row, ck_int panel, const int kind,
                            const int below, const int pair) {
    const ck_int k = term->k, head = kind == CK_QUAD, size = (k + 2 * head) * CK_SIDE;
    const float *x = term->x + row * term->ldx + head, *b = term->panels + panel * size + 2 * head * CK_SIDE;
    ck_int i = 0;
    for (; i + CK_SIDE <= k; i += CK_SIDE)
        ck_tile_step(x + i, term->ldx, b + i * CK_SIDE, b + i * CK_SIDE + (pair ? size : 0), kind, below, pair);
    if (i == k) return;
    if (i) {
        b += (k - CK_SIDE) * CK_SIDE;
        ck_tile_step(last, CK_SIDE, b, b + (pair ? size : 0), kind, below, pair);
        return;
    }
    float short_panels[2][CK_SIDE * CK_SIDE] __attribute__((aligned(64)));
    for (int p = 0; p <= pair; p++) {
        memset(short_panels[p], 0, (size_t)((CK_SIDE - k) * CK_SIDE * CK_WORD));
        memcpy(short_panels[p] + (CK_SIDE - k) * CK_SIDE, b + p * size, (size_t)(k * CK_SIDE * CK_WORD));
    }
    ck_tile_step(last, CK_SIDE, short_panels[0], short_panels[1], kind, below, pair);
}

// What a term of int8 is worth: steps of the row times steps of the column.
CK_INLINE void ck_add_steps(float *tile, const float *sums, const ck_packed_term *term, ck_int row, ck_int rows, ck_int panel,
                            const int first, const int pair) {
    const ck_int size = (term->k + 2) * CK_SIDE;
    for (int p = 0; p <= pair; p++) {
        const float *head = term->panels + (panel + p) * size;
        const __m512 steps = _mm512_loadu_ps(head);
        const __m512i raised = _mm512_loadu_si512(head + CK_SIDE);
        for (ck_int r = 0; r < rows; r++) {
            const ck_int at = r * 2 * CK_SIDE + p * CK_SIDE;
            const __m512i sum = _mm512_sub_epi32(_mm512_load_si512(sums + at), raised);
            const __m512 own = _mm512_cvtepi32_ps(sum) * steps * term->x[(row + r) * term->ldx];
            _mm512_store_ps(tile + at, first ? own : _mm512_load_ps(tile + at) + own);
        }
    }
}

CK_INLINE void ck_tile_block(const ck_packed_product *p, const float *last, ck_int row, ck_int rows, ck_int panel, const int kind,
                             const int below, const int pair) {
    float tile[4 * CK_SIDE * CK_SIDE] __attribute__((aligned(64))), sums[4 * CK_SIDE * CK_SIDE] __attribute__((aligned(64)));
    const ck_int column = panel * CK_SIDE, left = p->columns - column, width = (1 + pair) * CK_SIDE;
    ck_clear_tiles();
    for (ck_int t = 0; t < p->count; t++) {
        ck_tile_term(p->terms + t, last + t * 2 * CK_SIDE * CK_SIDE, row, panel, kind, below, pair);
        if (kind == CK_PAIR) continue;
        ck_store_tiles(sums, below, pair);
        ck_add_steps(tile, sums, p->terms + t, row, rows, panel, t == 0, pair);
        if (t + 1 < p->count) ck_clear_tiles();
    }
    if (kind == CK_PAIR) ck_store_tiles(tile, below, pair);
    ck_finish(p, tile, 2 * CK_SIDE, row, rows, column, left < width ? left : width);
}

CK_INLINE void ck_tile_rows(const ck_packed_product *p, float *last, ck_int row, ck_int rows, const int kind, const int below) {
    const ck_int panels = (p->columns + CK_SIDE - 1) / CK_SIDE;
    for (ck_int t = 0; t < p->count; t++) {
        const ck_packed_term *term = p->terms + t;
        if (term->k % CK_SIDE == 0) continue;
        ck_last_words(last + t * 2 * CK_SIDE * CK_SIDE, term->x + row * term->ldx + (kind == CK_QUAD), term->ldx, rows, term->k);
    }
    ck_int panel = 0;
    for (; panel + 2 <= panels; panel += 2) ck_tile_block(p, last, row, rows, panel, kind, below, 1);
    if (panel < panels) ck_tile_block(p, last, row, rows, panel, kind, below, 0);
}

CK_INLINE void ck_tile_products(const ck_packed_product *p, const int kind) {
    if (p->count < 1) return ck_sum_products(p, kind, 0);
    // 2 kB a term: of the layers of a ranker there are some dozens at most.
    float last[p->count * 2 * CK_SIDE * CK_SIDE] __attribute__((aligned(64)));
    ck_int row = 0;
    if (p->rows >= 2 * CK_SIDE) ck_shape_tiles(CK_SIDE, CK_SIDE);
    for (; row + 2 * CK_SIDE <= p->rows; row += 2 * CK_SIDE) ck_tile_rows(p, last, row, 2 * CK_SIDE, kind, 1);
    const ck_int left = p->rows - row;
    if (left > CK_SIDE) {
        ck_shape_tiles(CK_SIDE, left - CK_SIDE);
        ck_tile_rows(p, last, row, left, kind, 1);
    } else if (left) {
        ck_shape_tiles(left, 1);
        ck_tile_rows(p, last, row, left, kind, 0);
    }
    _tile_release();
}
#undef CK_SIDE
#undef CK_WORD
