// Where the links of a graph lie: at fixed strides, so that those of a row are found without looking up where they begin.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cfaiss {

struct LinkList {
    const int32_t* rows;
    int width;
};

/// The lists of the lowest level row by row, and those of the levels above it, of which few rows have any, one behind
/// another.
struct FlatLinks {
    const int32_t* level0 = nullptr;
    const uint32_t* upperStarts = nullptr;
    const int32_t* upperLinks = nullptr;
    int level0Width = 0;
    int upperWidth = 0;

    LinkList at(int32_t row, int level) const {
        if (level == 0) return {level0 + static_cast<size_t>(row) * static_cast<size_t>(level0Width), level0Width};
        size_t list = size_t(upperStarts[row]) + static_cast<size_t>(level) - 1;
        return {upperLinks + list * static_cast<size_t>(upperWidth), upperWidth};
    }
};

/// Links that nobody changes any more.
struct MappedLinks : FlatLinks {
    int32_t load(const int32_t* entry) const { return *entry; }
};

/// Links that several threads change: entries are read without a lock. A reader may see a list half replaced; every entry
/// of it is still a row of the graph, which is all that a search needs.
struct GrowingLinks : FlatLinks {
    int32_t load(const int32_t* entry) const { return __atomic_load_n(entry, __ATOMIC_ACQUIRE); }
    void store(const int32_t* entry, int32_t row) const {
        __atomic_store_n(const_cast<int32_t*>(entry), row, __ATOMIC_RELEASE);
    }
};

}  // namespace cfaiss
