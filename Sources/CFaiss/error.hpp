// Exceptions stop here: every C entry runs its body in guarded(), which turns what is thrown into a status and a text.
#pragma once

#include "CFaiss.h"

#include <exception>
#include <new>
#include <string>

namespace cfaiss {

/// A failure with the status that the C interface returns for it.
struct Failure : std::exception {
    cfaiss_status status;
    std::string text;

    Failure(cfaiss_status status, std::string text) : status(status), text(std::move(text)) {}
    const char* what() const noexcept override { return text.c_str(); }
};

void setLastError(const char* text) noexcept;

inline void require(bool holds, const char* text) {
    if (!holds) throw Failure(CFAISS_INVALID_ARGUMENT, text);
}

template <class Body>
cfaiss_status guarded(Body&& body) noexcept {
    try {
        body();
        return CFAISS_OK;
    } catch (const Failure& failure) {
        setLastError(failure.what());
        return failure.status;
    } catch (const std::bad_alloc&) {
        setLastError("out of memory");
    } catch (const std::exception& error) {
        setLastError(error.what());
    } catch (...) {
        setLastError("unknown failure inside Faiss");
    }
    return CFAISS_NATIVE_FAILED;
}

}  // namespace cfaiss
