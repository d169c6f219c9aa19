// Chooses one kernel table when the process starts.
#define _GNU_SOURCE  // for syscall
#include "CKernels.h"

#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

extern const ck_table ck_table_scalar;
extern const ck_table ck_table_base;
#if defined(__x86_64__)
extern const ck_table ck_table_avx2;
extern const ck_table ck_table_avx512;
extern const ck_table ck_table_avx512bf16;
#if defined(__linux__)
extern const ck_table ck_table_amx;
#endif

static int has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

static int has_avx512_bf16(void) {
    return has_avx512() && __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni");
}

#if defined(__linux__)
// Tile registers are 8 kB of a thread's state, which Linux keeps only for a process that asks.
static int has_tiles(void) {
    enum { REQUEST_STATE = 0x1023, TILE_DATA = 18, BF16 = 1 << 22, TILES = 1 << 24, INT8 = 1 << 25 };
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || ~d & (BF16 | TILES | INT8)) return 0;
    return syscall(SYS_arch_prctl, REQUEST_STATE, TILE_DATA) == 0;
}
#endif
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
        return has_avx512_bf16() ? &ck_table_avx512bf16 : NULL;
#if defined(__linux__)
    case CK_ISA_AMX:
        return has_avx512_bf16() && has_tiles() ? &ck_table_amx : NULL;
#endif
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
    static const char *const names[CK_ISA_COUNT] = {"scalar", "base", "avx2", "avx512", "avx512bf16", "amx"};
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

int ck_bfloat16_is_fast(void) {
    switch (active_isa) {
    case CK_ISA_AMX:
        return 1;
#if defined(__x86_64__)
    case CK_ISA_AVX512_BF16:
        // Intel's take longer for these than for products of float32.
        return __builtin_cpu_is("amd");
#endif
    default:
        return 0;
    }
}

#define CK_KERNEL(result, name, parameters, arguments) \
    result ck_##name parameters { return (override ? override : active)->name arguments; }
#include "CKernelList.h"
