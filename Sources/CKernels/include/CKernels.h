// SIMD kernels in C, each compiled for several instruction sets and chosen once by what the processor has.
//
// Matrices are row-major float32 with a row stride ("ld", in floats), so a column slice of a wider matrix is an
// operand like any other. `acc` says whether a result is added to what is there (1) or replaces it (0).
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sizes and strides, in elements; as wide as a pointer.
typedef ptrdiff_t ck_int;

/// Element functions of `ck_activate` and of the fused linear layers.
enum {
    CK_NONE = 0, CK_RELU, CK_GELU, CK_SILU, CK_SIGMOID, CK_TANH, CK_EXP, CK_LOG, CK_SQUARE, CK_SOFTPLUS
};

/// Instruction sets of the kernel tables; CK_ISA_SCALAR is the plain twin that the others are tested against. The last
/// two have instructions for products of bfloat16 and of int8: of vectors (AVX-512 BF16 and VNNI), and of tiles.
enum {
    CK_ISA_SCALAR = 0, CK_ISA_BASE = 1, CK_ISA_AVX2 = 2, CK_ISA_AVX512 = 3, CK_ISA_AVX512_BF16 = 4, CK_ISA_AMX = 5,
    CK_ISA_COUNT = 6
};

/// One list of table lookups with the gradient of each: lookup `l` of `count` has its gradient row at
/// `gradient + row * ld + column`, where (row, column) is (l / width, l % width * dim), or (row_of[l], 0) where
/// `row_of` is set; `scale` (may be null) multiplies the gradient of a lookup.
typedef struct {
    const int32_t *ids;
    const float *gradient;
    const int32_t *row_of;
    const float *scale;
    ck_int ld, count, width;
} ck_lookups;

/// What the softmax attention kernels read; keys and values hold `offsets`-delimited segments of rows.
typedef struct {
    const float *query, *key, *value, *bias;
    const int32_t *offsets, *segment_of;
    ck_int ldq, ldk, ldv, ldb, rows, heads, width;
    float scale;
} ck_attention_inputs;

/// Gradient buffers of `ck_attention_backward`; any may be null. All of them are added to.
typedef struct {
    float *query, *key, *value, *bias;
    ck_int ldq, ldk, ldv, ldb;
} ck_attention_gradients;

/// The pairs (i, j) of n steps and the tables of numbers for them: `position` by j − i + `centre`, `time` by a bucket of
/// times[i + 1] − times[j] (either may be null). Causal: only j ≤ i.
typedef struct {
    const float *position, *time;
    const int32_t *times;
    ck_int n, centre, buckets;
    int causal;
} ck_pairs;

/// A tile of rows of logits, one positive each, for the losses that tell it from the other columns. An infinite log_q
/// takes a column out. `thresholds` (may be null) weights a row of the softmax by σ((s_positive − threshold) · sharpness).
typedef struct {
    const float *log_q, *weights, *thresholds;
    const int32_t *ids, *positives;
    ck_int ldw, ldq, ldt, ld, rows, items;
    int positive_corrected, positive_in_denominator, posterior_weighted;
    float sharpness, margin, negative_weight, positive_weight;
} ck_sampled_tile;

/// Columns of a matrix that stand side by side in a packed one.
enum { CK_PANEL_COLUMNS = 16 };

/// A factor of a product and the packed matrix that it is multiplied with: floats and `ck_pack` for `ck_product`, words of
/// `ck_round_bfloat16` and `ck_pack_bfloat16` for `ck_product_bfloat16`, of `ck_round_int8` and `ck_pack_int8` for
/// `ck_product_int8`. `k` floats or words a row.
typedef struct {
    const float *x, *panels;
    ck_int ldx, k;
} ck_packed_term;

/// y [rows × columns] = f(Σ of `count` terms + bias). f is x₀ ⊙ z + x where x0 is not null, max(0, z) where `rectify` is set,
/// which needs a bias; elsewhere it may be null. Where `acc` is set, y += Σ instead.
typedef struct {
    const ck_packed_term *terms;
    const float *bias, *x0, *x;
    float *y;
    ck_int count, rows, columns, ldy, ldx0, ldx;
    int rectify, acc;
} ck_packed_product;

/// C = A·B, or C += A·B where `acc` is set, with A [m × k], B [k × n], C [m × n]. Element (i, j) of A lies at
/// a + i · a_down + j · a_across, one of which is 1; so B.
typedef struct {
    const float *a, *b;
    float *c;
    ck_int m, n, k, a_down, a_across, b_down, b_across, ldc;
    int acc;
} ck_matrices;

/// Floats of the room that `ck_multiply_bfloat16` works in.
enum {
    CK_BLOCK_ROWS = 96, CK_BLOCK_COLUMNS = 640, CK_BLOCK_INNER = 512,
    CK_PRODUCT_ROOM = (CK_BLOCK_ROWS + CK_BLOCK_COLUMNS) * CK_BLOCK_INNER / 2
};

/// A number's way to `width` columns by straight pieces over `bins` ranges: `edges` holds bins + 1 ends, `inverse` the
/// inverse length of each range, `table` (width floats a row) the columns of a missing number, then for each range those of its
/// lower end and their difference over its length. No bins: columns that are always the same, in the second row. Logarithmic: the
/// ranges are those of sign(x) · log(1 + |x|).
typedef struct {
    const float *edges, *inverse, *table;
    ck_int bins;
    int32_t logarithmic;
} ck_pieces;

/// Hyper-parameters of one optimizer update. `gradient_scale` multiplies the gradient first (clipping), `decay` is
/// learning rate × weight decay, `correction1` and `correction2` are 1 / (1 − βᵗ).
typedef struct {
    float rate, gradient_scale, decay, beta1, beta2, epsilon, correction1, correction2;
} ck_update;

#define CK_KERNEL(result, name, parameters, arguments) result ck_##name parameters;
#include "CKernelList.h"
#undef CK_KERNEL

/// A set of kernels for one instruction set.
typedef struct {
#define CK_KERNEL(result, name, parameters, arguments) result(*name) parameters;
#include "CKernelList.h"
#undef CK_KERNEL
} ck_table;

/// The kernels of one instruction set, or null where this processor or build has not got it. Asking for CK_ISA_AMX asks Linux to
/// keep the tiles' state for the process, from when on it refuses signal stacks that are too small for that.
const ck_table *ck_table_for(int isa);

/// The instruction set in use: the best of the processor, or the one named by the environment variable
/// CASCADE_KERNELS (scalar, base, avx2, avx512, avx512bf16, amx) when the process started.
int ck_active_isa(void);

/// Whether the set in use multiplies bfloat16 faster than float32 on this processor.
int ck_bfloat16_is_fast(void);

/// Makes the calling thread use another instruction set, for tests and measurements; −1 ends it. Returns 0 where the
/// processor has not got it.
int ck_override_isa_on_thread(int isa);

#ifdef __cplusplus
}
#endif
#endif
