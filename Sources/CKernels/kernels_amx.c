// The kernels for AVX-512 with tile registers (AMX) for products of bfloat16 and of int8.
#include "CKernels.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512bf16,avx512vnni,amx-tile,amx-bf16," \
                                                   "amx-int8,avx2,fma,bmi2,f16c"))), apply_to = function)
#define CK_SUFFIX amx
#define CK_MASKS 1
#define CK_BFLOAT16 1
#define CK_TILES 1
#include "template/all.h"
#pragma clang attribute pop
#endif
