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
