// The thread count of Faiss's parallel regions. Faiss opens one even for a single query, and the setting holds for the
// calling thread only.
#pragma once

#include <omp.h>

namespace cfaiss {

/// Sets the count for the calling thread and puts the old one back at the end.
class OpenMPThreads {
  public:
    explicit OpenMPThreads(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
    ~OpenMPThreads() { omp_set_num_threads(before_); }
    OpenMPThreads(const OpenMPThreads&) = delete;
    OpenMPThreads& operator=(const OpenMPThreads&) = delete;

  private:
    int before_;
};

}  // namespace cfaiss
