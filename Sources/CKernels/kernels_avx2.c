// The kernels for AVX2 with fused multiply-add.
#include "CKernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2,f16c"))), apply_to = function)
#define CK_SUFFIX avx2
#define CK_EIGHT 1
#include "template/all.h"
#pragma clang attribute pop
#endif
