// The index file: a header of 256 bytes, then sections that each begin at a 64-byte boundary, all little-endian.
//
//   vectors      count x stride floats; stride is the dimension padded with zeros to a multiple of 16
//   level0       count x level0Width rows (int32), each list ended by -1 or by its width
//   upperStarts  count + 1 numbers (uint32): row i owns the upper lists from upperStarts[i] up to
//                upperStarts[i + 1], one a level
//   upperLinks   as many lists of upperWidth rows (int32)
//   codes        count x codeBytes(storage, dimension) bytes (see row_codes.hpp)
//   codeScale    codeScaleFloats(storage, dimension) floats
//
// A file without a graph (m = 0) has the first section only, one of storage float32 has no codes.
#pragma once

#include "best_first.hpp"
#include "graph.hpp"
#include "row_codes.hpp"

namespace cfaiss {

enum SectionName { kVectors, kLevel0, kUpperStarts, kUpperLinks, kCodes, kCodeScale, kSectionCount };

struct Section {
    uint64_t offset;
    uint64_t bytes;
};

struct FileHeader {
    char magic[8];
    uint32_t version;
    uint32_t headerBytes;
    uint32_t metric;
    uint32_t dimension;
    uint32_t stride;
    uint32_t m;
    uint64_t count;
    uint32_t efConstruction;
    uint32_t efSearch;
    uint32_t level0Width;
    uint32_t upperWidth;
    int32_t entryPoint;
    int32_t maxLevel;
    double largestNorm;
    uint64_t fileBytes;
    Section sections[kSectionCount];
    uint32_t storage;
    uint8_t reserved[68];
    uint64_t checksum;
};
static_assert(sizeof(FileHeader) == 256, "the header is part of the file format");

/// A part of a file.
struct FilePart {
    /// A multiple of 64, so that what lies aligned in the part lies aligned in memory.
    uint64_t offset = 0;
    uint64_t bytes = UINT64_MAX;

    /// Up to the end of the file, whatever that is.
    bool isToEnd() const { return bytes == UINT64_MAX; }
};

/// A file, or a part of one, mapped read-only for as long as this lives.
class Mapping {
  public:
    explicit Mapping(const char* path, FilePart part = {});
    ~Mapping();
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;

    const char* data() const { return data_; }
    size_t bytes() const { return bytes_; }

  private:
    const char* data_ = nullptr;
    size_t bytes_ = 0;
    /// Bytes of the first page before the part.
    size_t lead_ = 0;
};

/// Writes the file under another name beside the path, syncs it and renames it.
void writeGraphFile(
    const char* path, const VectorTable& table, const GraphShape& shape, uint32_t storage, const faiss::HNSW& graph);
void writeVectorFile(const char* path, const VectorTable& table, const GraphShape& shape);

/// Checks the header, every offset, list and row against the file's bounds, and the codes against the vectors; throws
/// with the file's name.
const FileHeader& checkedHeader(const Mapping& mapping, const char* path);

/// The links of a checked file that has a graph.
MappedLinks mappedLinks(const Mapping& mapping, const FileHeader& header);

const char* sectionData(const Mapping& mapping, const FileHeader& header, SectionName name);

/// The number that the header carries of itself (FNV-1a, 64 bits, of all bytes before it).
uint64_t headerChecksum(const FileHeader& header);

extern const char kMagic[8];
constexpr uint32_t kVersion = 2;

}  // namespace cfaiss
