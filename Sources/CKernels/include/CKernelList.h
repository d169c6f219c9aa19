// The list of kernels: CK_KERNEL(result, name, parameters, arguments). Included several times, so it has no guard.

// ---- vectors -------------------------------------------------------------------------------------------------------
/* Σ a_i b_i */
CK_KERNEL(float, dot, (const float *a, const float *b, ck_int n), (a, b, n))
/* Σ (a_i − b_i)² */
CK_KERNEL(float, squared_l2, (const float *a, const float *b, ck_int n), (a, b, n))
/* Σ x over a matrix, in double */
CK_KERNEL(double, sum, (const float *x, ck_int ldx, ck_int rows, ck_int columns), (x, ldx, rows, columns))
/* Σ x², in double */
CK_KERNEL(double, sum_squares, (const float *x, ck_int n), (x, n))
/* position (row * columns + column) of the first NaN or infinity, or −1 */
CK_KERNEL(ck_int, first_non_finite, (const float *x, ck_int ldx, ck_int rows, ck_int columns),
          (x, ldx, rows, columns))
/* position of the first index outside low ..< high, or −1 */
CK_KERNEL(ck_int, first_out_of_range, (const int32_t *x, ck_int n, int32_t low, int32_t high), (x, n, low, high))
/* the first segment that is not ordered, ends after `items` or is longer than `longest`; `segments` where
   the ends do not
   fit (first not 0, last not `items`); −1 if all is well */
CK_KERNEL(ck_int, first_bad_segment, (const int32_t *offsets, ck_int segments, ck_int items,
          ck_int longest), (offsets, segments, items, longest))
/* into[i] = Σ_k from[k][i] for k in order; returns Σ into² in double */
CK_KERNEL(double, reduce, (float *into, const float *const *from, ck_int k, ck_int n), (into, from, k, n))
/* average = decay · average + (1 − decay) · x */
CK_KERNEL(void, average, (float *average, const float *x, ck_int n, float decay), (average, x, n, decay))
/* exchanges two vectors */
CK_KERNEL(void, swap, (float *a, float *b, ck_int n), (a, b, n))

// ---- random numbers (counter based: the same seed and position give the same number) --------------------------------
CK_KERNEL(void, random_uniform, (float *x, ck_int n, uint64_t seed, float low, float high), (x, n, seed, low, high))
/* normal(0, deviation); `limit` > 0 redraws what lies beyond limit deviations */
CK_KERNEL(void, random_normal, (float *x, ck_int n, uint64_t seed, float deviation, float limit),
          (x, n, seed, deviation, limit))
/* y = acc·y + x · keep / (1 − rate), keep drawn from (key, position) */
CK_KERNEL(void, dropout, (float *y, ck_int ldy, int acc, const float *x, ck_int ldx, ck_int rows, ck_int columns,
          uint64_t key, float rate), (y, ldy, acc, x, ldx, rows, columns, key, rate))

// ---- element-wise on matrices ---------------------------------------------------------------------------------------
CK_KERNEL(void, fill, (float *y, ck_int ldy, ck_int rows, ck_int columns, float value),
          (y, ldy, rows, columns, value))
CK_KERNEL(void, add_constant, (float *y, ck_int ldy, ck_int rows, ck_int columns, float value),
          (y, ldy, rows, columns, value))
/* y = acc·y + alpha·x */
CK_KERNEL(void, scale, (float *y, ck_int ldy, int acc, const float *x, ck_int ldx, ck_int rows, ck_int columns,
          float alpha), (y, ldy, acc, x, ldx, rows, columns, alpha))
/* y = acc·y + a + alpha·b */
CK_KERNEL(void, add, (float *y, ck_int ldy, int acc, const float *a, ck_int lda, const float *b, ck_int ldb,
          ck_int rows, ck_int columns, float alpha), (y, ldy, acc, a, lda, b, ldb, rows, columns, alpha))
/* y = acc·y + a ⊙ b */
CK_KERNEL(void, multiply, (float *y, ck_int ldy, int acc, const float *a, ck_int lda, const float *b, ck_int ldb,
          ck_int rows, ck_int columns), (y, ldy, acc, a, lda, b, ldb, rows, columns))
/* y = x + row (one row added to all) */
CK_KERNEL(void, add_row, (float *y, ck_int ldy, const float *x, ck_int ldx, const float *row, ck_int rows,
          ck_int columns), (y, ldy, x, ldx, row, rows, columns))
/* y = row in every row */
CK_KERNEL(void, broadcast, (float *y, ck_int ldy, const float *row, ck_int rows, ck_int columns),
          (y, ldy, row, rows, columns))
/* row = acc·row + Σ over rows of x */
CK_KERNEL(void, column_sum, (float *row, int acc, const float *x, ck_int ldx, ck_int rows, ck_int columns),
          (row, acc, x, ldx, rows, columns))
/* y = acc·y + column_r · x_r */
CK_KERNEL(void, scale_rows, (float *y, ck_int ldy, int acc, const float *x, ck_int ldx, const float *column,
          ck_int ldc, ck_int rows, ck_int columns), (y, ldy, acc, x, ldx, column, ldc, rows, columns))
/* y = acc·y + alpha · row ⊙ x_r */
CK_KERNEL(void, scale_columns, (float *y, ck_int ldy, int acc, const float *x, ck_int ldx, const float *row,
          ck_int rows, ck_int columns, float alpha), (y, ldy, acc, x, ldx, row, rows, columns, alpha))
/* y = f(x) for a CK_ element function */
CK_KERNEL(void, activate, (int kind, float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows,
          ck_int columns), (kind, y, ldy, x, ldx, rows, columns))
/* gx = acc·gx + gy ⊙ f'(x); y = f(x) is read where that is cheaper */
CK_KERNEL(void, activate_gradient, (int kind, float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy,
          const float *x, ck_int ldx, const float *y, ck_int ldy, ck_int rows, ck_int columns),
          (kind, gx, ldgx, acc, gy, ldgy, x, ldx, y, ldy, rows, columns))
/* y = f(y + bias); the sum before f is written to `before` (may be null) */
CK_KERNEL(void, bias_activate, (int kind, float *y, ck_int ldy, float *before, ck_int ldb, const float *bias,
          ck_int rows, ck_int columns), (kind, y, ldy, before, ldb, bias, rows, columns))
/* gz = gy ⊙ f'(before) and, where gbias is not null, gbias += Σ rows of gz (the caller clears it) */
CK_KERNEL(void, bias_activate_gradient, (int kind, float *gz, ck_int ldgz, float *gbias, const float *gy,
          ck_int ldgy, const float *before, ck_int ldb, const float *y, ck_int ldy, ck_int rows, ck_int columns),
          (kind, gz, ldgz, gbias, gy, ldgy, before, ldb, y, ldy, rows, columns))

// ---- cross layer ----------------------------------------------------------------------------------------------------
/* u = u + bias; y = x0 ⊙ u + x */
CK_KERNEL(void, cross, (float *y, ck_int ldy, float *u, ck_int ldu, const float *bias, const float *x0, ck_int ldx0,
          const float *x, ck_int ldx, ck_int rows, ck_int columns),
          (y, ldy, u, ldu, bias, x0, ldx0, x, ldx, rows, columns))
/* gu = gy ⊙ x0; gbias += Σ gu; gx0 = acc0·gx0 + gy ⊙ u; then gx = acc·gx + gy (gbias, gx0, gx may be null) */
CK_KERNEL(void, cross_gradient, (float *gu, ck_int ldgu, float *gbias, float *gx0, ck_int ldgx0, int acc0, float *gx,
          ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *u, ck_int ldu, const float *x0,
          ck_int ldx0, ck_int rows, ck_int columns),
          (gu, ldgu, gbias, gx0, ldgx0, acc0, gx, ldgx, acc, gy, ldgy, u, ldu, x0, ldx0, rows, columns))

// ---- products with packed matrices ---------------------------------------------------------------------------------
/* alpha · b [k × columns], whose rows lie `down` and whose columns `across` floats apart, as panels of CK_PANEL_COLUMNS
   columns, row by row; the last one is filled up with zeros */
CK_KERNEL(void, pack, (float *panels, const float *b, ck_int down, ck_int across, ck_int k, ck_int columns, float alpha),
          (panels, b, down, across, k, columns, alpha))
CK_KERNEL(void, product, (const ck_packed_product *p), (p))
/* the same in bfloat16, two rows of b to a row of words, the later one in the upper half; an odd last row stands alone */
CK_KERNEL(void, pack_bfloat16, (float *panels, const float *b, ck_int ldb, ck_int k, ck_int columns),
          (panels, b, ldb, k, columns))
/* x in bfloat16, half to even, two columns to a word, an odd last one alone: (columns + 1) / 2 words a row */
CK_KERNEL(void, round_bfloat16, (float *rounded, ck_int ldr, const float *x, ck_int ldx, ck_int rows, ck_int columns),
          (rounded, ldr, x, ldx, rows, columns))
/* the same of what bfloat16 leaves of each number of b, and of x; of a number that it does not hold nothing is left */
CK_KERNEL(void, pack_bfloat16_rest, (float *panels, const float *b, ck_int ldb, ck_int k, ck_int columns),
          (panels, b, ldb, k, columns))
CK_KERNEL(void, round_bfloat16_rest, (float *rounded, ck_int ldr, const float *x, ck_int ldx, ck_int rows,
          ck_int columns), (rounded, ldr, x, ldx, rows, columns))
/* of rounded factors, k words wide; sums are in float32 */
CK_KERNEL(void, product_bfloat16, (const ck_packed_product *p), (p))
/* the same in int8: numbers are steps of a 127th of the greatest of their column. Of each panel first these steps and 128 times
   the sum of each column, then four rows to a row of words */
CK_KERNEL(void, pack_int8, (float *panels, const float *b, ck_int ldb, ck_int k, ck_int columns),
          (panels, b, ldb, k, columns))
/* x in int8: of each row a 127th of its greatest, then its numbers in such steps, raised by 128, four to a word:
   1 + (columns + 3) / 4 words a row. Of a row with a number that is not finite the step is not finite */
CK_KERNEL(void, round_int8, (float *rounded, ck_int ldr, const float *x, ck_int ldx, ck_int rows, ck_int columns),
          (rounded, ldr, x, ldx, rows, columns))
/* of rounded factors, k words wide without their step */
CK_KERNEL(void, product_int8, (const ck_packed_product *p), (p))
/* rounds both factors to bfloat16 and adds products up in float32; `room` holds CK_PRODUCT_ROOM floats, aligned to 64 bytes */
CK_KERNEL(void, multiply_bfloat16, (const ck_matrices *p, float *room), (p, room))

// ---- row-wise normalisations ----------------------------------------------------------------------------------------
CK_KERNEL(void, softmax, (float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int columns),
          (y, ldy, x, ldx, rows, columns))
CK_KERNEL(void, softmax_gradient, (float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *y,
          ck_int ldy, ck_int rows, ck_int columns), (gx, ldgx, acc, gy, ldgy, y, ldy, rows, columns))
CK_KERNEL(void, log_softmax, (float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int columns),
          (y, ldy, x, ldx, rows, columns))
CK_KERNEL(void, log_softmax_gradient, (float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *y,
          ck_int ldy, ck_int rows, ck_int columns), (gx, ldgx, acc, gy, ldgy, y, ldy, rows, columns))
/* layer norm (centre = 1, bias used) or RMS norm (centre = 0); stats[r] = (mean, 1/deviation) */
CK_KERNEL(void, norm, (int centre, float *y, ck_int ldy, float *stats, const float *x, ck_int ldx, const float *gain,
          const float *bias, float epsilon, ck_int rows, ck_int columns),
          (centre, y, ldy, stats, x, ldx, gain, bias, epsilon, rows, columns))
/* ggain, gbias are added to (may be null); gx may be null */
CK_KERNEL(void, norm_gradient, (int centre, float *gx, ck_int ldgx, int acc, float *ggain, float *gbias,
          const float *gy, ck_int ldgy, const float *x, ck_int ldx, const float *gain, const float *stats,
          ck_int rows, ck_int columns), (centre, gx, ldgx, acc, ggain, gbias, gy, ldgy, x, ldx, gain, stats, rows,
          columns))
/* y = x / max(|x|, epsilon); scales[r] = 1 / max(|x|, epsilon), negative where epsilon ruled */
CK_KERNEL(void, unit_rows, (float *y, ck_int ldy, float *scales, const float *x, ck_int ldx, float epsilon,
          ck_int rows, ck_int columns), (y, ldy, scales, x, ldx, epsilon, rows, columns))
CK_KERNEL(void, unit_rows_gradient, (float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *y,
          ck_int ldy, const float *scales, ck_int rows, ck_int columns),
          (gx, ldgx, acc, gy, ldgy, y, ldy, scales, rows, columns))
/* y = x · |x| / (1 + |x|²): the direction of x, its length brought below one */
CK_KERNEL(void, squash, (float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int columns),
          (y, ldy, x, ldx, rows, columns))
CK_KERNEL(void, squash_gradient, (float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy, const float *x,
          ck_int ldx, ck_int rows, ck_int columns), (gx, ldgx, acc, gy, ldgy, x, ldx, rows, columns))
/* y_r = alpha · Σ_c a_rc b_rc, acc adds */
CK_KERNEL(void, row_dot, (float *y, ck_int ldy, int acc, const float *a, ck_int lda, const float *b, ck_int ldb,
          ck_int rows, ck_int columns, float alpha), (y, ldy, acc, a, lda, b, ldb, rows, columns, alpha))
/* y_r,(i,j) = x_r,i · x_r,j for i < j over `fields` equal groups of columns, pairs in the order (0,1),(0,2)…,(1,2)… */
CK_KERNEL(void, pairwise_dots, (float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int fields,
          ck_int width), (y, ldy, x, ldx, rows, fields, width))
/* adds to gx */
CK_KERNEL(void, pairwise_dots_gradient, (float *gx, ck_int ldgx, const float *gy, ck_int ldgy, const float *x,
          ck_int ldx, ck_int rows, ck_int fields, ck_int width), (gx, ldgx, gy, ldgy, x, ldx, rows, fields, width))
/* y = ½((Σ_f x_f)² − Σ_f x_f²) over the fields of a row, [rows × width] */
CK_KERNEL(void, second_order, (float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int fields,
          ck_int width), (y, ldy, x, ldx, rows, fields, width))
CK_KERNEL(void, second_order_gradient, (float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy,
          const float *x, ck_int ldx, ck_int rows, ck_int fields, ck_int width),
          (gx, ldgx, acc, gy, ldgy, x, ldx, rows, fields, width))
/* y[r, (i, j)] = x_ij · x_ji for i < j, where block i·fields + j of a row is x_ij */
CK_KERNEL(void, crossed_dots, (float *y, ck_int ldy, const float *x, ck_int ldx, ck_int rows, ck_int fields,
          ck_int width), (y, ldy, x, ldx, rows, fields, width))
/* adds to gx */
CK_KERNEL(void, crossed_dots_gradient, (float *gx, ck_int ldgx, const float *gy, ck_int ldgy, const float *x,
          ck_int ldx, ck_int rows, ck_int fields, ck_int width), (gx, ldgx, gy, ldgy, x, ldx, rows, fields, width))
/* y[r, block f] = cos and then sin of 2π · coefficients[f, 0 ..< k] · x[r, f] */
CK_KERNEL(void, periodic, (float *y, ck_int ldy, const float *x, ck_int ldx, const float *coefficients, ck_int ldc,
          ck_int rows, ck_int fields, ck_int k), (y, ldy, x, ldx, coefficients, ldc, rows, fields, k))
/* adds to gx and gc; either may be null */
CK_KERNEL(void, periodic_gradient, (float *gx, ck_int ldgx, float *gc, ck_int ldgc, const float *gy, ck_int ldgy,
          const float *y, ck_int ldy, const float *x, ck_int ldx, const float *coefficients, ck_int ldc, ck_int rows,
          ck_int fields, ck_int k),
          (gx, ldgx, gc, ldgc, gy, ldgy, y, ldy, x, ldx, coefficients, ldc, rows, fields, k))
/* y[r, g·width ..] = the columns of the number x[r, g] (not finite: missing). The outer ranges reach `reach` lengths beyond
   their ends, a value further out is taken to lie there. */
CK_KERNEL(void, pieces_columns, (float *y, ck_int ldy, const float *x, ck_int ldx, const ck_pieces *numbers,
          ck_int rows, ck_int count, ck_int width, float reach), (y, ldy, x, ldx, numbers, rows, count, width, reach))
/* block-diagonal product: y[:, g·m…] = x[:, g·k…] · W_g, W [groups·k × m] */
CK_KERNEL(void, grouped, (float *y, ck_int ldy, const float *x, ck_int ldx, const float *w, ck_int rows,
          ck_int groups, ck_int k, ck_int m), (y, ldy, x, ldx, w, rows, groups, k, m))
/* adds to gx and gw; either may be null */
CK_KERNEL(void, grouped_gradient, (float *gx, ck_int ldgx, float *gw, const float *gy, ck_int ldgy, const float *x,
          ck_int ldx, const float *w, ck_int rows, ck_int groups, ck_int k, ck_int m),
          (gx, ldgx, gw, gy, ldgy, x, ldx, w, rows, groups, k, m))
/* y = the k largest of each row (ties: first), others 0; divided by their sum if renormalize; sums[r] = that
   sum or 1 */
CK_KERNEL(void, top_k, (float *y, ck_int ldy, float *sums, const float *x, ck_int ldx, ck_int rows, ck_int columns,
          ck_int k, int renormalize), (y, ldy, sums, x, ldx, rows, columns, k, renormalize))
/* adds to gx */
CK_KERNEL(void, top_k_gradient, (float *gx, ck_int ldgx, const float *gy, ck_int ldgy, const float *y, ck_int ldy,
          const float *sums, ck_int rows, ck_int columns, int renormalize),
          (gx, ldgx, gy, ldgy, y, ldy, sums, rows, columns, renormalize))
/* best[r] = argmin_j (norms[j] − 2·products[r, j]) */
CK_KERNEL(void, nearest, (int32_t *best, const float *products, ck_int ld, const float *norms, ck_int rows,
          ck_int codes), (best, products, ld, norms, rows, codes))

// ---- rows by index, segments ----------------------------------------------------------------------------------------
/* y[r, k·dim …] = table[ids[r·width + k]], zeros for a negative id */
CK_KERNEL(void, gather, (float *y, ck_int ldy, const float *table, ck_int ldt, const int32_t *ids, ck_int rows,
          ck_int width, ck_int dim), (y, ldy, table, ldt, ids, rows, width, dim))
/* gx[ids[r]] += gy[r] in row order; negative ids are skipped */
CK_KERNEL(void, scatter_add, (float *gx, ck_int ldgx, const float *gy, ck_int ldgy, const int32_t *ids, ck_int rows,
          ck_int columns), (gx, ldgx, gy, ldgy, ids, rows, columns))
/* y[s] = Σ_{i in s} scale_i · table[ids[i]]; writes row_of[i] = s and scale[i] (weights or 1, over the count
   if mean) */
CK_KERNEL(void, gather_pooled, (float *y, ck_int ldy, int32_t *row_of, float *scale, const float *table,
          const int32_t *ids, const float *weights, ck_int ldw, const int32_t *offsets, ck_int segments, ck_int dim,
          int mean), (y, ldy, row_of, scale, table, ids, weights, ldw, offsets, segments, dim, mean))
/* y[s] = Σ or mean of the rows of segment s; zeros for an empty one */
CK_KERNEL(void, segment_pool, (float *y, ck_int ldy, const float *x, ck_int ldx, const int32_t *offsets,
          ck_int segments, ck_int columns, int mean), (y, ldy, x, ldx, offsets, segments, columns, mean))
CK_KERNEL(void, segment_pool_gradient, (float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy,
          const int32_t *offsets, ck_int segments, ck_int columns, int mean),
          (gx, ldgx, acc, gy, ldgy, offsets, segments, columns, mean))
/* y[s] = max over the segment, at[s, c] = the row it came from (first of equals), −1 and 0 for an empty segment */
CK_KERNEL(void, segment_max, (float *y, ck_int ldy, int32_t *at, const float *x, ck_int ldx, const int32_t *offsets,
          ck_int segments, ck_int columns), (y, ldy, at, x, ldx, offsets, segments, columns))
/* adds to gx */
CK_KERNEL(void, segment_max_gradient, (float *gx, ck_int ldgx, const float *gy, ck_int ldgy, const int32_t *at,
          ck_int segments, ck_int columns), (gx, ldgx, gy, ldgy, at, segments, columns))
/* softmax down each column of each segment */
CK_KERNEL(void, segment_softmax, (float *y, ck_int ldy, const float *x, ck_int ldx, const int32_t *offsets,
          ck_int segments, ck_int columns), (y, ldy, x, ldx, offsets, segments, columns))
CK_KERNEL(void, segment_softmax_gradient, (float *gx, ck_int ldgx, int acc, const float *gy, ck_int ldgy,
          const float *y, ck_int ldy, const int32_t *offsets, ck_int segments, ck_int columns),
          (gx, ldgx, acc, gy, ldgy, y, ldy, offsets, segments, columns))
/* y[s, head block] = Σ_i w[i, head] · x[i, head block] */
CK_KERNEL(void, segment_weighted, (float *y, ck_int ldy, const float *x, ck_int ldx, const float *w, ck_int ldw,
          const int32_t *offsets, ck_int segments, ck_int heads, ck_int width),
          (y, ldy, x, ldx, w, ldw, offsets, segments, heads, width))
/* gx, gw may be null */
CK_KERNEL(void, segment_weighted_gradient, (float *gx, ck_int ldgx, int accx, float *gw, ck_int ldgw, int accw,
          const float *gy, ck_int ldgy, const float *x, ck_int ldx, const float *w, ck_int ldw,
          const int32_t *offsets, ck_int segments, ck_int heads, ck_int width),
          (gx, ldgx, accx, gw, ldgw, accw, gy, ldgy, x, ldx, w, ldw, offsets, segments, heads, width))

// ---- attention ------------------------------------------------------------------------------------------------------
/* Each row asks one segment: out_r = Σ_e softmax_e(scale · q_r·k_e + bias_e) v_e by heads. `lse` [rows × heads] keeps
   the log-sum-exp for the gradient; scratch holds heads × longest segment floats. */
CK_KERNEL(void, attention, (float *out, ck_int ldo, float *lse, const ck_attention_inputs *a, float *scratch),
          (out, ldo, lse, a, scratch))
/* scratch holds 2 × heads × longest segment floats */
CK_KERNEL(void, attention_gradient, (const ck_attention_gradients *g, const float *gout, ck_int ldgo,
          const float *lse, const ck_attention_inputs *a, float *scratch), (g, gout, ldgo, lse, a, scratch))
/* The queries of a row ask the keys of the same row, several of each side by side; no bias, no offsets. `lse` is
   [rows × queries · heads], scratch holds heads × keys floats. */
CK_KERNEL(void, field_attention, (float *out, ck_int ldo, float *lse, const ck_attention_inputs *a, ck_int queries,
          ck_int keys, float *scratch), (out, ldo, lse, a, queries, keys, scratch))
/* scratch holds 2 × heads × keys floats */
CK_KERNEL(void, field_attention_gradient, (const ck_attention_gradients *g, const float *gout, ck_int ldgo,
          const float *lse, const ck_attention_inputs *a, ck_int queries, ck_int keys, float *scratch),
          (g, gout, ldgo, lse, a, queries, keys, scratch))
/* bias [n × n] = position[j − i + centre] + time[bucket of times[i + 1] − times[j]] for the pairs that see each other */
CK_KERNEL(void, pair_bias, (float *bias, const ck_pairs *p), (bias, p))
/* adds the gradient of the bias to those of the tables; either may be null */
CK_KERNEL(void, pair_bias_gradient, (float *gposition, float *gtime, const float *g, const ck_pairs *p),
          (gposition, gtime, g, p))
/* With z = s + bias: a = share · silu(z), slopes = share · silu'(z), both 0 for pairs that do not see each other.
   bias, slopes may be null; a or slopes may be s. */
CK_KERNEL(void, pointwise_scores, (float *a, float *slopes, const float *s, const float *bias, ck_int n, int causal,
          float share), (a, slopes, s, bias, n, causal, share))
/* In place on s [n × n]: row softmax of scale · s + bias[distance], causal or not. bias (column `ldb` apart,
   `distances`
   rows) may be null; distance = clamp(i − j + centre). */
CK_KERNEL(void, self_softmax, (float *s, ck_int n, float scale, int causal, const float *bias, ck_int ldb,
          ck_int distances, ck_int centre), (s, n, scale, causal, bias, ldb, distances, centre))
/* ds in place: p ⊙ (dp − Σ p dp) · scale, and gbias[distance] += the same without the scale */
CK_KERNEL(void, self_softmax_gradient, (float *dp, const float *p, ck_int n, float scale, float *gbias, ck_int ldb,
          ck_int distances, ck_int centre), (dp, p, n, scale, gbias, ldb, distances, centre))

// ---- losses: each returns the weighted sum and writes d(sum)/d(input) where that pointer is not null ----------------
CK_KERNEL(double, binary_cross_entropy, (float *g, ck_int ldg, const float *logits, ck_int ldx, const float *labels,
          ck_int ldl, const float *weights, ck_int ldw, float smoothing, ck_int rows, ck_int columns),
          (g, ldg, logits, ldx, labels, ldl, weights, ldw, smoothing, rows, columns))
CK_KERNEL(double, squared_error, (float *g, ck_int ldg, const float *x, ck_int ldx, const float *targets,
          ck_int ldt, const float *weights, ck_int ldw, ck_int rows, ck_int columns),
          (g, ldg, x, ldx, targets, ldt, weights, ldw, rows, columns))
/* weights: one a row (stride ldw); a negative target is skipped */
CK_KERNEL(double, softmax_cross_entropy, (float *g, ck_int ldg, const float *logits, ck_int ldx,
          const int32_t *targets, const float *weights, ck_int ldw, float smoothing, ck_int rows, ck_int columns),
          (g, ldg, logits, ldx, targets, weights, ldw, smoothing, rows, columns))
/* targets [rows × columns] share out a row; weights: one a row */
CK_KERNEL(double, soft_cross_entropy, (float *g, ck_int ldg, const float *logits, ck_int ldx, const float *targets,
          ck_int ldt, const float *weights, ck_int ldw, ck_int rows, ck_int columns),
          (g, ldg, logits, ldx, targets, ldt, weights, ldw, rows, columns))
/* For each segment and column: (Σ weights) × the mean, over the pairs of rows i, j with labels_i > labels_j, of
   softplus(x_j − x_i), or of max(0, margin − x_i + x_j) if hinge. A weight of 0 takes a row out of the pairs; scratch
   holds 3 × longest segment floats. */
CK_KERNEL(double, segment_ranking, (float *g, ck_int ldg, const float *x, ck_int ldx, const float *labels, ck_int ldl,
          const float *weights, ck_int ldw, const int32_t *offsets, ck_int segments, ck_int columns, int hinge,
          float margin, float *scratch),
          (g, ldg, x, ldx, labels, ldl, weights, ldw, offsets, segments, columns, hinge, margin, scratch))
/* g = d/d(positive); d/d(negative) is −g */
CK_KERNEL(double, pairwise_ranking, (float *g, ck_int ldg, const float *positive, ck_int ldp, const float *negative,
          ck_int ldn, const float *weights, ck_int ldw, ck_int rows, ck_int columns),
          (g, ldg, positive, ldp, negative, ldn, weights, ldw, rows, columns))
/* logits [rows × items] in place become d(loss)/d(logit) */
CK_KERNEL(double, sampled_softmax, (float *logits, const ck_sampled_tile *tile), (logits, tile))
CK_KERNEL(double, contrast_cosine, (float *logits, const ck_sampled_tile *tile), (logits, tile))
CK_KERNEL(double, contrast_binary, (float *logits, const ck_sampled_tile *tile), (logits, tile))
CK_KERNEL(double, contrast_pairwise, (float *logits, const ck_sampled_tile *tile), (logits, tile))
/* x_i = centre · table[ids[i]] over `groups` groups of `group` rows, the first of each observed, the others drawn:
   Σ softplus(−x) of the observed and softplus(x) of the drawn. coefficients[i] = d/dx_i, gradient = d/d(centre). A drawn row
   that is its group's observed one does not count. */
CK_KERNEL(double, negative_sampling, (float *gradient, float *coefficients, const float *centre, const float *table,
          const int32_t *ids, ck_int groups, ck_int group, ck_int dim),
          (gradient, coefficients, centre, table, ids, groups, group, dim))

// ---- optimizers -----------------------------------------------------------------------------------------------------
CK_KERNEL(void, sgd, (float *w, const float *g, float *momentum, ck_int n, const ck_update *u),
          (w, g, momentum, n, u))
CK_KERNEL(void, adam, (float *w, const float *g, float *m, float *v, ck_int n, const ck_update *u),
          (w, g, m, v, n, u))
CK_KERNEL(void, adagrad, (float *w, const float *g, float *sum, ck_int n, const ck_update *u), (w, g, sum, n, u))
/* Sums the gradients of the lookups with id / 16 ≡ part (mod parts) by id, in list order (sixteen, so that two parts
   never write to one cache line of `slots`): sums[slot] belongs to the row
   touched[slot]. slots[id] is −1 outside of a step. Returns the number of touched rows. */
CK_KERNEL(ck_int, collect_rows, (const ck_lookups *lists, ck_int count, int32_t part, int32_t parts, ck_int dim,
          int32_t *slots, int32_t *touched, float *sums), (lists, count, part, parts, dim, slots, touched, sums))
/* slots[touched[i]] = −1 */
CK_KERNEL(void, release_rows, (int32_t *slots, const int32_t *touched, ck_int n), (slots, touched, n))
CK_KERNEL(void, sparse_sgd, (float *table, const int32_t *rows, const float *g, ck_int n, ck_int dim,
          const ck_update *u), (table, rows, g, n, dim, u))
CK_KERNEL(void, sparse_adam, (float *table, float *m, float *v, const int32_t *rows, const float *g, ck_int n,
          ck_int dim, const ck_update *u), (table, m, v, rows, g, n, dim, u))
CK_KERNEL(void, sparse_adagrad, (float *table, float *sum, const int32_t *rows, const float *g, ck_int n, ck_int dim,
          const ck_update *u), (table, sum, rows, g, n, dim, u))
/* one second moment a row */
CK_KERNEL(void, rowwise_adam, (float *table, float *m, float *v, const int32_t *rows, const float *g, ck_int n,
          ck_int dim, const ck_update *u), (table, m, v, rows, g, n, dim, u))
CK_KERNEL(void, rowwise_adagrad, (float *table, float *sum, const int32_t *rows, const float *g, ck_int n,
          ck_int dim, const ck_update *u), (table, sum, rows, g, n, dim, u))
/* average of the touched rows only */
CK_KERNEL(void, average_rows, (float *average, const float *table, const int32_t *rows, ck_int n, ck_int dim,
          float decay), (average, table, rows, n, dim, decay))
/* brings the touched rows that are longer to the length `longest` */
CK_KERNEL(void, limit_rows, (float *table, const int32_t *rows, ck_int n, ck_int dim, float longest),
          (table, rows, n, dim, longest))
