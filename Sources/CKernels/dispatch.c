// Chooses one kernel table when the process starts.
#include "CKernels.h"

#include <stdlib.h>
#include <string.h>

extern const ck_table ck_table_scalar;
extern const ck_table ck_table_base;
#if defined(__x86_64__)
extern const ck_table ck_table_avx2;
extern const ck_table ck_table_avx512;
extern const ck_table ck_table_avx512bf16;
#endif

#if defined(__x86_64__)
static int has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

const ck_table *ck_table_for(int isa) {
    switch (isa) {
    case CK_ISA_SCALAR:
        return &ck_table_scalar;
    case CK_ISA_BASE:
        return &ck_table_base;
#if defined(__x86_64__)
    case CK_ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &ck_table_avx2 : NULL;
    case CK_ISA_AVX512:
        return has_avx512() ? &ck_table_avx512 : NULL;
    case CK_ISA_AVX512_BF16:
        return has_avx512() && __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni")
            ? &ck_table_avx512bf16 : NULL;
#endif
    default:
        return NULL;
    }
}

static const ck_table *active = &ck_table_base;
static int active_isa = CK_ISA_BASE;

__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    static const char *const names[CK_ISA_COUNT] = {"scalar", "base", "avx2", "avx512", "avx512bf16"};
    const char *wanted = getenv("CASCADE_KERNELS");
    for (int isa = CK_ISA_COUNT - 1; isa >= 0; isa--) {
        if (wanted && strcmp(wanted, names[isa]) != 0) continue;
        if (!wanted && isa == CK_ISA_SCALAR) continue;
        const ck_table *table = ck_table_for(isa);
        if (!table) continue;
        active = table;
        active_isa = isa;
        return;
    }
}

static _Thread_local const ck_table *override;

int ck_override_isa_on_thread(int isa) {
    if (isa < 0) {
        override = NULL;
        return 1;
    }
    const ck_table *table = ck_table_for(isa);
    if (table) override = table;
    return table != NULL;
}

int ck_active_isa(void) { return active_isa; }

#define CK_KERNEL(result, name, parameters, arguments) \
    result ck_##name parameters { return (override ? override : active)->name arguments; }
#include "CKernelList.h"
