#include "error.hpp"

namespace cfaiss {

namespace {
// A fixed buffer, because reporting "out of memory" must not allocate.
thread_local char lastError[1024] = "";
}  // namespace

void setLastError(const char* text) noexcept {
    size_t length = 0;
    while (length + 1 < sizeof(lastError) && text[length] != 0) {
        lastError[length] = text[length];
        length += 1;
    }
    lastError[length] = 0;
}

}  // namespace cfaiss

extern "C" const char* cfaiss_last_error(void) { return cfaiss::lastError; }
