// Everything, once for each instruction set: the including file sets CK_SUFFIX and the target attribute.
#include <math.h>
#include <stddef.h>
#include <string.h>

#ifdef CK_SCALAR
#define CK_EACH
#define CK_INLINE static
#else
// Operands may be the same buffer (in place) but never overlap otherwise, which the compiler cannot see.
#define CK_EACH _Pragma("clang loop vectorize(assume_safety)")
#define CK_INLINE static inline __attribute__((always_inline))
#pragma clang fp reassociate(on) contract(fast)
#endif

// For short rows of any width: one masked pass instead of a loop and a scalar rest, where the machine has masks.
#ifdef CK_MASKS
#define CK_EACH_SHORT _Pragma("clang loop vectorize(assume_safety) vectorize_predicate(enable) interleave_count(1)")
#else
#define CK_EACH_SHORT CK_EACH
#endif

#define CK_JOIN2(a, b) a##_##b
#define CK_JOIN(a, b) CK_JOIN2(a, b)

#include "functions.h"
#include "vectors.h"
#include "elementwise.h"
#include "packing.h"
#include "products.h"
#include "matrices.h"
#include "rows.h"
#include "fields.h"
#include "segments.h"
#include "attention.h"
#include "pointwise.h"
#include "losses.h"
#include "optimizers.h"

const ck_table CK_JOIN(ck_table, CK_SUFFIX) = {
#define CK_KERNEL(result, name, parameters, arguments) .name = k_##name,
#include "CKernelList.h"
#undef CK_KERNEL
};
