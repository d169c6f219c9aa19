#include "openmp_threads.hpp"
#include "vector_table.hpp"

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>

#include <vector>

namespace {

using namespace cfaiss;

void checkKMeans(int64_t count, const cfaiss_kmeans_options& options) {
    require(options.centroids >= 1, "k-means needs at least one centroid");
    require(options.centroids <= count, "k-means needs at least as many vectors as centroids");
    require(options.iterations >= 1, "k-means needs at least one iteration");
    require(options.maximum_points >= 1, "k-means needs at least one vector per centroid");
    require(options.threads >= 1, "the thread count must be at least 1");
}

}  // namespace

extern "C" cfaiss_status cfaiss_kmeans(
    const float* vectors, int64_t count, int32_t dimension, const cfaiss_kmeans_options* options, float* centroids,
    int32_t* assignment) {
    return guarded([&] {
        checkShape(vectors, count, dimension);
        checkKMeans(count, *options);
        largestNorm(vectors, static_cast<size_t>(count), static_cast<size_t>(dimension));
        OpenMPThreads threads(options->threads);
        faiss::ClusteringParameters parameters;
        parameters.niter = options->iterations;
        parameters.seed = options->seed;
        parameters.spherical = options->spherical != 0;
        parameters.min_points_per_centroid = 1;
        parameters.max_points_per_centroid = options->maximum_points;
        faiss::Clustering clustering(dimension, options->centroids, parameters);
        bool isSpherical = options->spherical != 0;
        faiss::IndexFlat index(dimension, isSpherical ? faiss::METRIC_INNER_PRODUCT : faiss::METRIC_L2);
        clustering.train(count, vectors, index);
        std::memcpy(centroids, clustering.centroids.data(), clustering.centroids.size() * sizeof(float));
        if (assignment == nullptr) return;
        std::vector<float> distances(static_cast<size_t>(count));
        std::vector<int64_t> nearest(static_cast<size_t>(count));
        index.search(count, vectors, 1, distances.data(), nearest.data());
        for (size_t i = 0; i < nearest.size(); i++) assignment[i] = static_cast<int32_t>(nearest[i]);
    });
}
