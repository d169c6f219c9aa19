// The graph while it is built: Faiss's IndexHNSW over a storage class of ours.
#pragma once

#include "vector_table.hpp"

#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/impl/DistanceComputer.h>

namespace cfaiss {

/// Flat storage whose inner products are our kernels': Faiss's own are compiled for plain x86-64.
struct InnerProductStorage : faiss::IndexFlat {
    explicit InnerProductStorage(size_t stride)
        : faiss::IndexFlat(static_cast<int64_t>(stride), faiss::METRIC_INNER_PRODUCT) {}

    faiss::DistanceComputer* get_distance_computer() const override;
};

/// What a graph was built with; written to the index file's header.
struct GraphShape {
    size_t dimension = 0;
    int32_t m = 0;
    int32_t efConstruction = 0;
    int32_t efSearch = 0;
    double largestNorm = 0;
};

}  // namespace cfaiss

/// The C handle. Stored rows are padded and, where norms differ, lengthened by one component (see graph.cpp).
struct cfaiss_graph {
    cfaiss::GraphShape shape;
    cfaiss::InnerProductStorage storage;
    faiss::IndexHNSW index;

    cfaiss_graph(const cfaiss::GraphShape& shape, size_t stride);

    cfaiss::VectorTable table() const {
        size_t stride = static_cast<size_t>(storage.d);
        return {storage.get_xb(), static_cast<size_t>(storage.ntotal), shape.dimension, stride};
    }
};
