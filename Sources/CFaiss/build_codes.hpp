// What a build walks over instead of its vectors, a quarter or a half of their bytes: which of them become links is decided with the
// vectors.
#pragma once

#include "coded_rows.hpp"

namespace cfaiss {

class BuildCodes {
  public:
    /// Encodes the vectors in the smallest form that orders them as they are; the view is of these vectors.
    ///
    /// - kept: the rows that a walk of the build keeps.
    BuildCodes(const VectorTable& table, size_t kept);

    CodedRows rows() const { return {table_, encoder_.storage(), codes_.data(), encoder_.steps()}; }

  private:
    VectorTable table_;
    RowEncoder encoder_;
    AlignedFloats codes_;
};

}  // namespace cfaiss
