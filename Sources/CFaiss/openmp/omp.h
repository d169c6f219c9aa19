// The three OpenMP declarations that Faiss's headers and the k-means wrapper need. Swift's clang brings no <omp.h>, and
// libfaiss is built for libgomp, so the lock's layout is libgomp's (one 4-byte word on every Linux target).
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    unsigned char opaque[4] __attribute__((aligned(4)));
} omp_lock_t;

void omp_set_num_threads(int threads);
int omp_get_max_threads(void);

#ifdef __cplusplus
}
#endif
