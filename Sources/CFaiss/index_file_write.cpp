#include "index_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace cfaiss {

const char kMagic[8] = {'C', 'A', 'S', 'C', 'H', 'N', 'S', 'W'};

uint64_t headerChecksum(const FileHeader& header) {
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&header);
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < offsetof(FileHeader, checksum); i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

namespace {

/// A new file that takes its final name only when it is whole and on disk.
class AtomicFile {
  public:
    explicit AtomicFile(const char* path)
        : path_(path), temporary_(path_ + ".partial-" + std::to_string(getpid())) {
        descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (descriptor_ < 0) fail("cannot create");
        buffer_.reserve(kBufferBytes);
    }

    ~AtomicFile() {
        if (descriptor_ >= 0) close(descriptor_);
        if (!isCommitted_) unlink(temporary_.c_str());
    }

    void append(const void* data, size_t bytes) {
        if (buffer_.size() + bytes > kBufferBytes) flush();
        if (bytes >= kBufferBytes) {
            writeAll(static_cast<const char*>(data), bytes);
        } else {
            const char* begin = static_cast<const char*>(data);
            buffer_.insert(buffer_.end(), begin, begin + bytes);
        }
        position_ += bytes;
    }

    /// Fills with zeros up to an offset.
    void padTo(uint64_t offset) {
        static const char zeros[64] = {};
        while (position_ < offset) append(zeros, std::min<uint64_t>(sizeof(zeros), offset - position_));
    }

    void commit() {
        flush();
        if (fsync(descriptor_) != 0) fail("cannot sync");
        int closed = close(descriptor_);
        descriptor_ = -1;
        if (closed != 0) fail("cannot close");
        if (rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot rename to");
        isCommitted_ = true;
        syncDirectory();
    }

  private:
    static constexpr size_t kBufferBytes = 1 << 20;
    std::string path_;
    std::string temporary_;
    std::vector<char> buffer_;
    uint64_t position_ = 0;
    int descriptor_ = -1;
    bool isCommitted_ = false;

    [[noreturn]] void fail(const char* what) const {
        throw Failure(CFAISS_IO_FAILED, std::string(what) + " " + path_ + ": " + std::strerror(errno));
    }

    void flush() {
        writeAll(buffer_.data(), buffer_.size());
        buffer_.clear();
    }

    void writeAll(const char* data, size_t bytes) {
        while (bytes > 0) {
            ssize_t written = write(descriptor_, data, bytes);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) fail("cannot write");
            data += written;
            bytes -= static_cast<size_t>(written);
        }
    }

    /// The rename itself is durable only when the directory is.
    void syncDirectory() const {
        size_t slash = path_.rfind('/');
        std::string directory = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
        int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) fail("cannot open the directory of");
        int synced = fsync(descriptor);
        close(descriptor);
        if (synced != 0) fail("cannot sync the directory of");
    }
};

uint64_t roundedUp(uint64_t offset) { return (offset + 63) / 64 * 64; }

FileHeader newHeader(const VectorTable& table, const GraphShape& shape) {
    FileHeader header = {};
    std::memcpy(header.magic, kMagic, sizeof(kMagic));
    header.version = kVersion;
    header.headerBytes = sizeof(FileHeader);
    header.dimension = static_cast<uint32_t>(table.dimension);
    header.stride = static_cast<uint32_t>(paddedTo16(table.dimension));
    header.count = table.count;
    header.largestNorm = shape.largestNorm;
    header.entryPoint = -1;
    header.maxLevel = -1;
    header.sections[kVectors].bytes = uint64_t(table.count) * header.stride * sizeof(float);
    return header;
}

/// Lays the sections out one after another and seals the header.
void placeSections(FileHeader& header) {
    uint64_t offset = sizeof(FileHeader);
    for (Section& section : header.sections) {
        section.offset = roundedUp(offset);
        offset = section.offset + section.bytes;
    }
    header.fileBytes = offset;
    header.checksum = headerChecksum(header);
}

/// Rows lose the component that the build may have lengthened them by; the padding is zero again.
void appendVectors(AtomicFile& file, const FileHeader& header, const VectorTable& table) {
    std::vector<float> row(header.stride, 0.0f);
    file.padTo(header.sections[kVectors].offset);
    for (size_t i = 0; i < table.count; i++) {
        std::memcpy(row.data(), table.row(i), table.dimension * sizeof(float));
        file.append(row.data(), row.size() * sizeof(float));
    }
}

const int32_t* listOf(const faiss::HNSW& graph, size_t row, int level) {
    return graph.neighbors.data() + graph.offsets[row] +
        static_cast<size_t>(graph.cum_nneighbor_per_level[static_cast<size_t>(level)]);
}

void appendGraph(AtomicFile& file, const FileHeader& header, const faiss::HNSW& graph) {
    file.padTo(header.sections[kLevel0].offset);
    for (size_t i = 0; i < header.count; i++) {
        file.append(listOf(graph, i, 0), header.level0Width * sizeof(int32_t));
    }
    file.padTo(header.sections[kUpperStarts].offset);
    uint32_t start = 0;
    for (size_t i = 0; i < header.count; i++) {
        file.append(&start, sizeof(start));
        start += static_cast<uint32_t>(graph.levels[i] - 1);
    }
    file.append(&start, sizeof(start));
    file.padTo(header.sections[kUpperLinks].offset);
    for (size_t i = 0; i < header.count; i++) {
        for (int level = 1; level < graph.levels[i]; level++) {
            file.append(listOf(graph, i, level), header.upperWidth * sizeof(int32_t));
        }
    }
}

void appendCodes(AtomicFile& file, const FileHeader& header, const VectorTable& table, const RowEncoder& encoder) {
    std::vector<char> codes(codeBytes(header.storage, table.dimension));
    file.padTo(header.sections[kCodes].offset);
    for (size_t i = 0; i < table.count; i++) {
        encoder.encode(table.row(i), codes.data());
        file.append(codes.data(), codes.size());
    }
    file.padTo(header.sections[kCodeScale].offset);
    file.append(encoder.scale().data(), encoder.scale().size() * sizeof(float));
}

}  // namespace

void writeVectorFile(const char* path, const VectorTable& table, const GraphShape& shape) {
    FileHeader header = newHeader(table, shape);
    placeSections(header);
    AtomicFile file(path);
    file.append(&header, sizeof(header));
    appendVectors(file, header, table);
    file.padTo(header.fileBytes);
    file.commit();
}

void writeGraphFile(
    const char* path, const VectorTable& table, const GraphShape& shape, uint32_t storage, const faiss::HNSW& graph) {
    RowEncoder encoder(storage, table);
    FileHeader header = newHeader(table, shape);
    header.m = static_cast<uint32_t>(shape.m);
    header.efConstruction = static_cast<uint32_t>(shape.efConstruction);
    header.efSearch = static_cast<uint32_t>(shape.efSearch);
    header.level0Width = static_cast<uint32_t>(graph.cum_nneighbor_per_level[1]);
    header.upperWidth = static_cast<uint32_t>(shape.m);
    if (table.count > 0) {
        header.entryPoint = graph.entry_point;
        header.maxLevel = graph.max_level;
    }
    uint64_t upperLists = 0;
    for (size_t i = 0; i < table.count; i++) upperLists += static_cast<uint64_t>(graph.levels[i] - 1);
    header.sections[kLevel0].bytes = uint64_t(table.count) * header.level0Width * sizeof(int32_t);
    header.sections[kUpperStarts].bytes = (uint64_t(table.count) + 1) * sizeof(uint32_t);
    header.sections[kUpperLinks].bytes = upperLists * header.upperWidth * sizeof(int32_t);
    header.storage = storage;
    header.sections[kCodes].bytes = uint64_t(table.count) * codeBytes(storage, table.dimension);
    header.sections[kCodeScale].bytes = encoder.scale().size() * sizeof(float);
    placeSections(header);
    AtomicFile file(path);
    file.append(&header, sizeof(header));
    appendVectors(file, header, table);
    appendGraph(file, header, graph);
    appendCodes(file, header, table, encoder);
    file.padTo(header.fileBytes);
    file.commit();
}

}  // namespace cfaiss
