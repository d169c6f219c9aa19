// The loops over rows of codes, included once per instruction set with KERNEL_TARGET (function attributes), and one()
// and four() for each form of code (see kernel_loops.hpp).

#ifdef KERNEL_BFLOAT16
KERNEL_TARGET void bfloat16Loop(
    const float* query, const uint16_t* base, size_t stride, const int32_t* rows, size_t count, float* scores) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const uint16_t* group[4] = {
            base + rows[i] * stride, base + rows[i + 1] * stride, base + rows[i + 2] * stride,
            base + rows[i + 3] * stride};
        four(query, group, stride, scores + i);
    }
    for (; i < count; i++) scores[i] = one(query, base + rows[i] * stride, stride);
}
#endif

#ifdef KERNEL_INT8
KERNEL_TARGET void int8Loop(
    const int8_t* weights, const uint8_t* base, size_t stride, const int32_t* rows, size_t count, float* scores) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const uint8_t* group[4] = {
            base + rows[i] * stride, base + rows[i + 1] * stride, base + rows[i + 2] * stride,
            base + rows[i + 3] * stride};
        four(weights, group, stride, scores + i);
    }
    for (; i < count; i++) scores[i] = one(weights, base + rows[i] * stride, stride);
}
#endif
