// The loop over listed rows, four at a time, included once for each form of rows and instruction set: ROWS_LOOP names it,
// ROWS_QUERY and ROWS_CODE are what a query and a row consist of; one() and four() score.
// A template cannot stand here: a function compiled for AVX-512 is not inlined into one that is not.

KERNEL_TARGET void ROWS_LOOP(
    const ROWS_QUERY* query, const ROWS_CODE* base, size_t stride, const int32_t* rows, size_t count, float* scores) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const ROWS_CODE* group[4] = {
            base + rows[i] * stride, base + rows[i + 1] * stride, base + rows[i + 2] * stride,
            base + rows[i + 3] * stride};
        four(query, group, stride, scores + i);
    }
    for (; i < count; i++) scores[i] = one(query, base + rows[i] * stride, stride);
}

#undef ROWS_LOOP
#undef ROWS_QUERY
#undef ROWS_CODE
