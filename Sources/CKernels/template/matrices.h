// Products of matrices that change from call to call, as in training: blocks of both are rounded and packed first.

#ifdef CK_BFLOAT16
// Exchanges the rows and columns of 16 by 16 words: each of four rounds deals the first and the second eight rows out in turn.
CK_INLINE void ck_turn_words(__m512i *words) {
    const __m512i first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
    _Pragma("clang loop unroll(full)") for (int round = 0; round < 4; round++) {
        __m512i dealt[16];
        _Pragma("clang loop unroll(full)") for (int i = 0; i < 8; i++) {
            dealt[2 * i] = _mm512_permutex2var_epi32(words[i], first, words[i + 8]);
            dealt[2 * i + 1] = _mm512_permutex2var_epi32(words[i], second, words[i + 8]);
        }
        _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++) words[i] = dealt[i];
    }
}

// `count` columns of B (at most 16, `across` apart), k numbers each, as a panel.
CK_INLINE void ck_pack_upright(float *panel, const float *b, ck_int across, ck_int k, ck_int count) {
    for (ck_int i = 0; i < k; i += 32) {
        const __mmask32 inside = k - i < 32 ? (1u << (k - i)) - 1 : ~0u;
        const ck_int words = k - i < 32 ? (k - i + 1) / 2 : 16;
        __m512i turned[16];
        _Pragma("clang loop unroll(full)") for (ck_int c = 0; c < 16; c++) {
            // Masked lanes, behind the column's end, are not read.
            const __mmask32 taken = c < count ? inside : 0;
            const float *column = b + (c < count ? c : 0) * across + i;
            const __m512 lower = _mm512_maskz_loadu_ps((__mmask16)taken, column);
            turned[c] = (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps((__mmask16)(taken >> 16), column + 16), lower);
        }
        ck_turn_words(turned);
        _Pragma("clang loop unroll(full)") for (ck_int word = 0; word < 16; word++)
            if (word < words) _mm512_storeu_si512(panel + (i / 2 + word) * CK_PANEL, turned[word]);
    }
}
#else
CK_INLINE void ck_pack_upright(float *panel, const float *b, ck_int across, ck_int k, ck_int count) {
    const ck_int words = (k + 1) / 2;
    float rounded[CK_BLOCK_INNER / 2];
    if (count < CK_PANEL) memset(panel, 0, (size_t)(words * CK_PANEL) * sizeof(float));
    for (ck_int c = 0; c < count; c++) {
        k_round_bfloat16(rounded, words, b + c * across, 0, 1, k);
        for (ck_int i = 0; i < words; i++) panel[i * CK_PANEL + c] = rounded[i];
    }
}
#endif

// Rows first ..< first + k and `columns` columns of B as `k_pack_bfloat16` makes them, also where B lies upright.
CK_INLINE void ck_pack_block(float *panels, const ck_matrices *p, ck_int first, ck_int k, ck_int column, ck_int columns) {
    const float *b = p->b + first * p->b_down + column * p->b_across;
    if (p->b_across == 1) {
        k_pack_bfloat16(panels, b, p->b_down, k, columns);
        return;
    }
    for (ck_int c = 0; c < columns; c += CK_PANEL, panels += (k + 1) / 2 * CK_PANEL)
        ck_pack_upright(panels, b + c * p->b_across, p->b_across, k, columns - c < CK_PANEL ? columns - c : CK_PANEL);
}

#ifdef CK_TILES
// Factors of `rows` rows of A, which lies upright: words of two of its columns, turned 16 by 16 so that a row's lie side by side.
CK_INLINE void ck_round_upright(float *rounded, ck_int words, const float *a, ck_int across, ck_int rows, ck_int k) {
    for (ck_int word = 0; word < words; word += 16)
        for (ck_int row = 0; row < rows; row += 16) {
            const ck_int width = rows - row < 16 ? rows - row : 16;
            const __mmask16 kept = words - word < 16 ? (__mmask16)((1u << (words - word)) - 1) : 0xffff;
            __m512i turned[16];
            _Pragma("clang loop unroll(full)") for (ck_int i = 0; i < 16; i++) {
                const ck_int at = 2 * (word + i);
                const float *pair = a + at * across + row;
                turned[i] = _mm512_setzero_si512();
                if (at < k) ck_pair_rows((float *)(turned + i), pair, at + 1 < k ? pair + across : 0, width);
            }
            ck_turn_words(turned);
            _Pragma("clang loop unroll(full)") for (ck_int r = 0; r < 16; r++)
                if (r < width) _mm512_mask_storeu_epi32(rounded + (row + r) * words + word, kept, turned[r]);
        }
}
#endif

// The product of one block of rows of A, `k` of its columns, with the panels.
CK_INLINE void ck_multiply_block(const ck_packed_product *product, ck_packed_term *term, float *rounded, const float *a,
                                 const ck_matrices *p, ck_int k) {
    const ck_int words = term->k;
#ifdef CK_TILES
    if (p->a_across == 1) k_round_bfloat16(rounded, words, a, p->a_down, product->rows, k);
    else ck_round_upright(rounded, words, a, p->a_across, product->rows, k);
    ck_tile_products(product, CK_PAIR);
#else
    if (p->a_across == 1) {
        k_round_bfloat16(rounded, words, a, p->a_down, product->rows, k);
        ck_sum_products(product, CK_PAIR, 0);
        return;
    }
    term->ldx = CK_BLOCK_ROWS;
    for (ck_int i = 0; i < words; i++) {
        const float *pair = a + 2 * i * p->a_across;
        ck_pair_rows(rounded + i * CK_BLOCK_ROWS, pair, 2 * i + 1 < k ? pair + p->a_across : 0, product->rows);
    }
    ck_sum_products(product, CK_PAIR, 1);
#endif
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
                ck_packed_term term = {rounded, panels, words, words};
                const ck_packed_product product = {
                    .terms = &term, .count = 1, .rows = rows, .columns = columns,
                    .y = p->c + row * p->ldc + column, .ldy = p->ldc, .acc = p->acc || first > 0};
                ck_multiply_block(&product, &term, rounded, a, p, k);
            }
        }
}
#undef CK_PANEL
