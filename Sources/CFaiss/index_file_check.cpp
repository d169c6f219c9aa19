#include "index_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfaiss {

namespace {

[[noreturn]] void refuse(const char* path, const std::string& reason) {
    throw Failure(CFAISS_UNUSABLE_FILE, std::string(path) + ": " + reason);
}

void checkIdentity(const FileHeader& header, const char* path) {
    if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0) refuse(path, "is not an index file");
    if (header.version != kVersion) {
        refuse(path, "has index format " + std::to_string(header.version) + ", this program reads " +
            std::to_string(kVersion) + "; build the index again");
    }
    if (header.checksum != headerChecksum(header)) refuse(path, "has an altered header");
    if (header.headerBytes != sizeof(FileHeader) || header.metric != 0) refuse(path, "has an unknown header");
}

void checkNumbers(const FileHeader& header, const char* path) {
    bool isSane = header.dimension >= 1 && header.dimension <= uint32_t(kMaxDimension) &&
        header.stride == paddedTo16(header.dimension) && header.count < uint64_t(std::numeric_limits<int32_t>::max()) &&
        header.m <= 512 && header.maxLevel < 64 && header.storage <= CFAISS_INT8 &&
        (header.m > 0 || header.storage == CFAISS_FLOAT32) && header.largestNorm >= 0 && header.largestNorm <= 1e18;
    if (header.m > 0) {
        isSane = isSane && header.level0Width >= 1 && header.level0Width <= 2048 && header.upperWidth == header.m &&
            header.efSearch >= 1;
        if (header.count > 0) {
            isSane = isSane && header.entryPoint >= 0 && uint64_t(header.entryPoint) < header.count &&
                header.maxLevel >= 0;
        }
    }
    if (!isSane) refuse(path, "has a header that contradicts itself");
}

void checkSections(const FileHeader& header, const Mapping& mapping, const char* path) {
    uint64_t count = header.count;
    uint64_t expected[kSectionCount] = {};
    expected[kVectors] = count * header.stride * sizeof(float);
    // How many upper lists there are stands in the section before them: see checkGraph.
    expected[kUpperLinks] = header.sections[kUpperLinks].bytes;
    expected[kCodes] = count * codeBytes(header.storage, header.dimension);
    expected[kCodeScale] = codeScaleFloats(header.storage, header.dimension) * sizeof(float);
    if (header.m > 0) {
        expected[kLevel0] = count * header.level0Width * sizeof(int32_t);
        expected[kUpperStarts] = (count + 1) * sizeof(uint32_t);
    }
    if (header.fileBytes != mapping.bytes()) {
        refuse(path, "has " + std::to_string(mapping.bytes()) + " bytes instead of " +
            std::to_string(header.fileBytes));
    }
    for (int name = 0; name < kSectionCount; name++) {
        const Section& section = header.sections[name];
        bool fits = section.offset % 64 == 0 && section.offset >= sizeof(FileHeader) &&
            section.offset <= mapping.bytes() && section.bytes <= mapping.bytes() - section.offset;
        // A section of no bytes may begin after the last byte's boundary.
        if (section.bytes == 0 && expected[name] == 0) continue;
        if (!fits || section.bytes != expected[name]) {
            refuse(path, "has section " + std::to_string(name) + " out of place");
        }
    }
}

/// Every entry of a list is -1 or a row that has links on that level.
void checkLists(const FileHeader& header, const MappedLinks& links, const char* path) {
    int64_t count = static_cast<int64_t>(header.count);
    for (int64_t row = 0; row < count; row++) {
        int top = static_cast<int>(links.upperStarts[row + 1] - links.upperStarts[row]);
        for (int level = 0; level <= top; level++) {
            LinkList list = links.at(static_cast<int32_t>(row), level);
            for (int i = 0; i < list.width; i++) {
                int64_t neighbor = list.rows[i];
                bool isInRange = neighbor >= -1 && neighbor < count;
                if (isInRange && neighbor >= 0 && level > 0) {
                    isInRange = links.upperStarts[neighbor + 1] - links.upperStarts[neighbor] >= uint32_t(level);
                }
                if (!isInRange) refuse(path, "links row " + std::to_string(row) + " to one that does not exist");
            }
        }
    }
}

void checkGraph(const FileHeader& header, const Mapping& mapping, const char* path) {
    if (header.m == 0) return;
    MappedLinks links = mappedLinks(mapping, header);
    uint64_t lists = header.sections[kUpperLinks].bytes / (uint64_t(header.upperWidth) * sizeof(int32_t));
    if (lists * header.upperWidth * sizeof(int32_t) != header.sections[kUpperLinks].bytes) {
        refuse(path, "has upper levels of odd size");
    }
    if (links.upperStarts[0] != 0 || links.upperStarts[header.count] != lists) refuse(path, "has levels out of place");
    for (uint64_t row = 0; row < header.count; row++) {
        uint32_t begin = links.upperStarts[row], end = links.upperStarts[row + 1];
        if (end < begin || end > lists || end - begin > uint32_t(header.maxLevel)) {
            refuse(path, "has levels out of place at row " + std::to_string(row));
        }
    }
    if (header.count == 0) return;
    uint32_t top = links.upperStarts[header.entryPoint + 1] - links.upperStarts[header.entryPoint];
    if (top != uint32_t(header.maxLevel)) refuse(path, "has an entry point below its highest level");
    checkLists(header, links, path);
}

/// The codes are made anew from the vectors: others would lead searches astray without a sign.
void checkCodes(const FileHeader& header, const Mapping& mapping, const char* path) {
    if (header.storage == CFAISS_FLOAT32) return;
    const float* scale = reinterpret_cast<const float*>(sectionData(mapping, header, kCodeScale));
    for (size_t i = 0; i < codeScaleFloats(header.storage, header.dimension); i++) {
        if (!std::isfinite(scale[i])) refuse(path, "has a scale of codes that is not finite");
    }
    RowEncoder encoder(header.storage, header.dimension, scale);
    std::vector<char> expected(codeBytes(header.storage, header.dimension));
    const float* vectors = reinterpret_cast<const float*>(sectionData(mapping, header, kVectors));
    const char* codes = sectionData(mapping, header, kCodes);
    for (uint64_t row = 0; row < header.count; row++) {
        encoder.encode(vectors + row * header.stride, expected.data());
        if (std::memcmp(codes + row * expected.size(), expected.data(), expected.size()) != 0) {
            refuse(path, "has other codes for row " + std::to_string(row) + " than its vector gives");
        }
    }
}

}  // namespace

Mapping::Mapping(const char* path, FilePart part) {
    auto fail = [&](const char* what) {
        throw Failure(CFAISS_IO_FAILED, std::string(what) + " " + path + ": " + std::strerror(errno));
    };
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail("cannot open");
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        close(descriptor);
        fail("cannot read the size of");
    }
    uint64_t size = static_cast<uint64_t>(std::max<off_t>(status.st_size, 0));
    uint64_t rest = part.offset <= size ? size - part.offset : 0;
    bool fits = part.isToEnd() || part.bytes <= rest;
    bytes_ = static_cast<size_t>(part.isToEnd() ? rest : part.bytes);
    if (!S_ISREG(status.st_mode) || !fits || part.offset % 64 != 0 || bytes_ < sizeof(FileHeader)) {
        close(descriptor);
        refuse(path, "is too short to be an index file");
    }
    lead_ = static_cast<size_t>(part.offset % static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
    off_t page = static_cast<off_t>(part.offset - lead_);
    void* address = mmap(nullptr, lead_ + bytes_, PROT_READ, MAP_SHARED, descriptor, page);
    int saved = errno;
    close(descriptor);
    errno = saved;
    if (address == MAP_FAILED) fail("cannot map");
    data_ = static_cast<const char*>(address) + lead_;
    madvise(address, lead_ + bytes_, MADV_WILLNEED);
}

Mapping::~Mapping() { munmap(const_cast<char*>(data_) - lead_, lead_ + bytes_); }

const char* sectionData(const Mapping& mapping, const FileHeader& header, SectionName name) {
    return mapping.data() + header.sections[name].offset;
}

MappedLinks mappedLinks(const Mapping& mapping, const FileHeader& header) {
    return {
        reinterpret_cast<const int32_t*>(sectionData(mapping, header, kLevel0)),
        reinterpret_cast<const uint32_t*>(sectionData(mapping, header, kUpperStarts)),
        reinterpret_cast<const int32_t*>(sectionData(mapping, header, kUpperLinks)),
        static_cast<int>(header.level0Width),
        static_cast<int>(header.upperWidth),
    };
}

const FileHeader& checkedHeader(const Mapping& mapping, const char* path) {
    const FileHeader& header = *reinterpret_cast<const FileHeader*>(mapping.data());
    checkIdentity(header, path);
    checkNumbers(header, path);
    checkSections(header, mapping, path);
    checkGraph(header, mapping, path);
    checkCodes(header, mapping, path);
    return header;
}

}  // namespace cfaiss
