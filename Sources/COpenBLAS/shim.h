// OpenBLAS installs its header under its own name, in a folder of the threading variant, or as plain cblas.h.
#if __has_include(<openblas-pthread/cblas.h>)
#include <openblas-pthread/cblas.h>
#elif __has_include(<openblas/cblas.h>)
#include <openblas/cblas.h>
#else
#include <cblas.h>
#endif

// Cholesky factors of LAPACK, which OpenBLAS holds and whose header not every installation has.
void spotrf_(const char *uplo, const blasint *n, float *a, const blasint *lda, blasint *info);
void spotri_(const char *uplo, const blasint *n, float *a, const blasint *lda, blasint *info);
void spotrs_(
    const char *uplo, const blasint *n, const blasint *columns, const float *a, const blasint *lda, float *b,
    const blasint *ldb, blasint *info);

// Eigenvalues and eigenvectors of a symmetric matrix.
void ssyevd_(
    const char *job, const char *uplo, const blasint *n, float *a, const blasint *lda, float *values, float *work,
    const blasint *lwork, blasint *iwork, const blasint *liwork, blasint *info);

// Singular values and vectors, of LAPACK too.
void sgesdd_(
    const char *job, const blasint *m, const blasint *n, float *a, const blasint *lda, float *s, float *u,
    const blasint *ldu, float *vt, const blasint *ldvt, float *work, const blasint *lwork, blasint *iwork, blasint *info);
