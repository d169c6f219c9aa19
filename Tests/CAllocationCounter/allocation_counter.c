// Replaces the allocation functions of glibc by counting ones that forward to it.
#include "CAllocationCounter.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

enum { GROUPS = 64, NO_GROUP = -1 };

static atomic_llong groups[GROUPS];
static _Thread_local int watched;
static _Thread_local int group_of_thread = NO_GROUP;
static _Thread_local int64_t allocations;

static inline void note(void) {
    if (!watched) return;
    allocations++;
    if (group_of_thread != NO_GROUP) atomic_fetch_add_explicit(&groups[group_of_thread], 1, memory_order_relaxed);
}

#if defined(__GLIBC__)
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *pointer);

void *malloc(size_t size) {
    note();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    note();
    return __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t size) {
    note();
    return __libc_realloc(pointer, size);
}

void *memalign(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **pointer, size_t alignment, size_t size) {
    note();
    void *memory = __libc_memalign(alignment, size);
    if (!memory) return ENOMEM;
    *pointer = memory;
    return 0;
}

void free(void *pointer) { __libc_free(pointer); }
#endif

void allocation_counter_watch_this_thread(int watch) {
    watched = watch;
    group_of_thread = NO_GROUP;
}

void allocation_counter_watch_in_group(int group) {
    watched = 1;
    group_of_thread = group >= 0 && group < GROUPS ? group : NO_GROUP;
}

int64_t allocation_counter_count(void) { return allocations; }

int64_t allocation_counter_group_count(int group) {
    return group >= 0 && group < GROUPS ? atomic_load(&groups[group]) : 0;
}

int allocation_counter_works(void) {
    int before = watched;
    watched = 1;
    int64_t count = allocations;
    void *volatile memory = malloc(24);
    free(memory);
    watched = before;
    return allocations > count;
}
