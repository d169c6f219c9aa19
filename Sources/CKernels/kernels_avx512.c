// The kernels for AVX-512.
#include "CKernels.h"

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,bmi2,f16c"))), apply_to = function)
#define CK_SUFFIX avx512
#define CK_MASKS 1
#include "template/all.h"
#pragma clang attribute pop
#endif
