// The loops over rows, included once per instruction set with KERNEL_TARGET (function attributes), one() and four().

#define ROWS_LOOP rowsLoop
#define ROWS_QUERY float
#define ROWS_CODE float
#include "rows_loop.hpp"

KERNEL_TARGET void scanLoop(const float* query, const float* base, size_t stride, size_t count, float* scores) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const float* row = base + i * stride;
        const float* group[4] = {row, row + stride, row + 2 * stride, row + 3 * stride};
        four(query, group, stride, scores + i);
    }
    for (; i < count; i++) scores[i] = one(query, base + i * stride, stride);
}

KERNEL_TARGET void scanFourLoop(
    const float* queries, const float* base, size_t stride, size_t count, float* scores, size_t pitch) {
    // The product commutes, so one row against four queries is four() with the roles exchanged.
    const float* group[4] = {queries, queries + stride, queries + 2 * stride, queries + 3 * stride};
    for (size_t i = 0; i < count; i++) {
        float scored[4];
        four(base + i * stride, group, stride, scored);
        for (size_t j = 0; j < 4; j++) scores[j * pitch + i] = scored[j];
    }
}

KERNEL_TARGET bool anyAboveLoop(
    const float* query, const float* base, size_t stride, const int32_t* rows, size_t count, float threshold) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const float* group[4] = {
            base + rows[i] * stride, base + rows[i + 1] * stride, base + rows[i + 2] * stride,
            base + rows[i + 3] * stride};
        float scored[4];
        four(query, group, stride, scored);
        if (scored[0] > threshold || scored[1] > threshold || scored[2] > threshold || scored[3] > threshold) {
            return true;
        }
    }
    for (; i < count; i++) {
        if (one(query, base + rows[i] * stride, stride) > threshold) return true;
    }
    return false;
}
