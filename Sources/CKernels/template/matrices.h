// Products of matrices that change from call to call, as in training: blocks of both are rounded and packed first.

// Rows i and i + 1 of a matrix as one row of words; `next` is null behind the last.
CK_INLINE void ck_pair_rows(float *words, const float *row, const float *next, ck_int n) {
    CK_JOIN(ck_word_of, CK_SUFFIX) *out = (CK_JOIN(ck_word_of, CK_SUFFIX) *)words;
    if (!next) {
        CK_EACH for (ck_int c = 0; c < n; c++) out[c] = ck_bfloat16(row[c]);
        return;
    }
    CK_EACH for (ck_int c = 0; c < n; c++) out[c] = ck_bfloat16(row[c]) | (uint32_t)ck_bfloat16(next[c]) << 16;
}

// Rows first ..< first + k and `columns` columns of B as `k_pack_bfloat16` makes them, also where B lies upright.
CK_INLINE void ck_pack_block(float *panels, const ck_matrices *p, ck_int first, ck_int k, ck_int column, ck_int columns) {
    const float *b = p->b + first * p->b_down + column * p->b_across;
    if (p->b_across == 1) {
        k_pack_bfloat16(panels, b, p->b_down, k, columns);
        return;
    }
    const ck_int words = (k + 1) / 2;
    float rounded[CK_BLOCK_INNER / 2];
    if (columns % CK_PANEL) {
        float *last = panels + columns / CK_PANEL * words * CK_PANEL;
        memset(last, 0, (size_t)(words * CK_PANEL) * sizeof(float));
    }
    for (ck_int c = 0; c < columns; c++) {
        float *to = panels + c / CK_PANEL * words * CK_PANEL + c % CK_PANEL;
        k_round_bfloat16(rounded, words, b + c * p->b_across, 0, 1, k);
        for (ck_int i = 0; i < words; i++) to[i * CK_PANEL] = rounded[i];
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
