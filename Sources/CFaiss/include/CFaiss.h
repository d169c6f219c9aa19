// C interface over libfaiss and over the search that Cascade runs on Faiss's graphs. Every function that can fail
// returns a cfaiss_status; the text of the last failure on the calling thread is cfaiss_last_error(). Handles are
// opaque. Rows are 0-based, scores are inner products, higher is nearer.
#ifndef CFAISS_H
#define CFAISS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t cfaiss_status;
enum {
    CFAISS_OK = 0,
    CFAISS_INVALID_ARGUMENT = 1,
    CFAISS_UNUSABLE_FILE = 2,
    CFAISS_IO_FAILED = 3,
    CFAISS_NATIVE_FAILED = 4,
    CFAISS_UNUSABLE_VECTOR = 5,
};

/// A row of the index and its inner product with the query.
typedef struct {
    int32_t row;
    float score;
} cfaiss_neighbor;

/// A bitmap over `count` rows: bit `row % 64` of word `row / 64`; `set_rows` is the number of set bits.
/// `allows` 1: only set rows may be returned; 0: set rows may not.
typedef struct {
    const uint64_t *words;
    int64_t count;
    int64_t set_rows;
    int32_t allows;
} cfaiss_filter;

/// How a graph is built. `reference` 1 takes Faiss's own insertion, 0 ours over the same arrays. `threads` 0 means one
/// a core; one thread gives the same graph every time.
typedef struct {
    int32_t m;
    int32_t ef_construction;
    int32_t ef_search;
    int32_t threads;
    int64_t seed;
    int32_t reference;
} cfaiss_build_options;

/// The form of the rows that a walk of the graph reads (see row_codes.hpp).
enum {
    CFAISS_FLOAT32 = 0,
    CFAISS_BFLOAT16 = 1,
    CFAISS_INT8 = 2,
};

/// What an opened index is. `m` is 0 for an index without a graph.
typedef struct {
    int64_t count;
    int32_t dimension;
    int32_t m;
    int32_t ef_construction;
    int32_t ef_search;
    int32_t storage;
} cfaiss_index_info;

/// How k-means runs. `maximum_points` caps the training sample per centroid.
typedef struct {
    int32_t centroids;
    int32_t iterations;
    int32_t maximum_points;
    int32_t spherical;
    int32_t threads;
    int32_t seed;
} cfaiss_kmeans_options;

typedef struct cfaiss_graph cfaiss_graph;
typedef struct cfaiss_index cfaiss_index;
typedef struct cfaiss_scratch cfaiss_scratch;

/// The last failure on this thread; valid until the next failing call on it.
const char *cfaiss_last_error(void);

// A graph while it is built, in Faiss's arrays.

/// Builds an HNSW over `count` vectors of `dimension` floats (contiguous, row-major, copied).
cfaiss_status cfaiss_graph_build(
    const float *vectors, int64_t count, int32_t dimension, const cfaiss_build_options *options, cfaiss_graph **out);
/// Faiss's own search, the reference of ours. Writes at most k neighbours and their number.
cfaiss_status cfaiss_graph_search(
    const cfaiss_graph *graph, const float *query, int32_t k, int32_t ef, const cfaiss_filter *filter,
    cfaiss_neighbor *out, int32_t *found);
/// Writes vectors, graph and the codes of a storage to an index file; the file appears whole or not at all.
cfaiss_status cfaiss_graph_save(const cfaiss_graph *graph, int32_t storage, const char *path);
void cfaiss_graph_free(cfaiss_graph *graph);

// An index to search: immutable, shared by any number of threads, each with its own scratch.

/// Copies vectors into an index without a graph.
cfaiss_status cfaiss_index_from_vectors(
    const float *vectors, int64_t count, int32_t dimension, cfaiss_index **out);
/// Maps an index file read-only after checking that no offset or row in it leaves its bounds and that the codes are
/// those of the vectors.
cfaiss_status cfaiss_index_open(const char *path, cfaiss_index **out);
/// The same of an index file that lies within another one: `bytes` bytes from `offset` on, which is a multiple of 64.
cfaiss_status cfaiss_index_open_part(const char *path, uint64_t offset, uint64_t bytes, cfaiss_index **out);
/// Writes the vectors without the graph.
cfaiss_status cfaiss_index_save_vectors(const cfaiss_index *index, const char *path);
cfaiss_index_info cfaiss_index_describe(const cfaiss_index *index);
/// The `dimension` floats of a row; the caller keeps the row in range.
const float *cfaiss_index_vector(const cfaiss_index *index, int64_t row);
void cfaiss_index_free(cfaiss_index *index);

cfaiss_status cfaiss_scratch_create(cfaiss_scratch **out);
void cfaiss_scratch_free(cfaiss_scratch *scratch);

/// Best-first search of the graph with `ef` candidates; scores are those of the vectors, whatever was walked. Results lie in the scratch until its next use, ordered by score
/// descending, then row ascending.
cfaiss_status cfaiss_index_search(
    const cfaiss_index *index, cfaiss_scratch *scratch, const float *query, int32_t k, int32_t ef,
    const cfaiss_filter *filter, const cfaiss_neighbor **out, int32_t *found);
/// Exact scan of all rows that the filter lets through. Results as above.
cfaiss_status cfaiss_index_scan(
    const cfaiss_index *index, cfaiss_scratch *scratch, const float *query, int32_t k, const cfaiss_filter *filter,
    const cfaiss_neighbor **out, int32_t *found);
/// Exact scan for `queries` queries at once; query i's neighbours begin at `*out + i * *found`.
cfaiss_status cfaiss_index_scan_batch(
    const cfaiss_index *index, cfaiss_scratch *scratch, const float *query, int32_t queries, int32_t k,
    const cfaiss_neighbor **out, int32_t *found);

/// Faiss k-means: `centroids` takes options->centroids x dimension floats, `assignment` (may be null) count rows.
cfaiss_status cfaiss_kmeans(
    const float *vectors, int64_t count, int32_t dimension, const cfaiss_kmeans_options *options, float *centroids,
    int32_t *assignment);

// The distance kernels by number, for the tests that compare each with its scalar twin. Kernel 0 is the scalar one.

int32_t cfaiss_kernel_count(void);
const char *cfaiss_kernel_name(int32_t kernel);
/// Inner products of a query with the listed rows; `stride` (floats a row, and in the query) is a multiple of 16.
void cfaiss_kernel_scores(
    int32_t kernel, const float *query, const float *base, int64_t stride, const int32_t *rows, int64_t count,
    float *scores);

// The same of codes. Kernel 0 is the scalar one.

int32_t cfaiss_code_kernel_count(void);
const char *cfaiss_code_kernel_name(int32_t kernel);
/// Encodes the vectors and scores the codes as a walk does. Scores of CFAISS_INT8 come without the constant and the
/// factor that all rows share.
cfaiss_status cfaiss_code_scores(
    int32_t kernel, int32_t storage, const float *query, const float *vectors, int64_t count, int32_t dimension,
    float *scores);

/// The form that a build over these vectors walks (see build_codes.hpp), for the tests.
cfaiss_status cfaiss_build_storage(
    const float *vectors, int64_t count, int32_t dimension, int32_t ef_construction, int32_t *storage);

#ifdef __cplusplus
}
#endif
#endif
