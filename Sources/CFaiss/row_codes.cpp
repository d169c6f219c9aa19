#include "row_codes.hpp"

#include <algorithm>

namespace cfaiss {

namespace {

constexpr float kGreatestCode = 255;
constexpr float kGreatestWeight = 127;

size_t roundedUp(size_t count, size_t block) { return (count + block - 1) / block * block; }

/// To nearest, of two equally near to the even one. Rows are finite and far from the greatest float.
uint16_t asBfloat16(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

}  // namespace

size_t codeStride(uint32_t storage, size_t dimension) {
    switch (storage) {
        case CFAISS_BFLOAT16: return roundedUp(dimension, kBfloat16Block);
        case CFAISS_INT8: return roundedUp(dimension, kInt8Block);
        default: return 0;
    }
}

size_t codeBytes(uint32_t storage, size_t dimension) {
    return codeStride(storage, dimension) * (storage == CFAISS_BFLOAT16 ? sizeof(uint16_t) : sizeof(uint8_t));
}

size_t codeScaleFloats(uint32_t storage, size_t dimension) {
    return storage == CFAISS_INT8 ? 2 * paddedTo16(dimension) : 0;
}

RowEncoder::RowEncoder(uint32_t storage, const VectorTable& table)
    : storage_(storage), dimension_(table.dimension), scale_(codeScaleFloats(storage, table.dimension), 0.0f) {
    if (storage != CFAISS_INT8 || table.count == 0) return;
    float* least = scale_.data();
    float* steps = least + paddedTo16(dimension_);
    std::vector<float> greatest(table.row(0), table.row(0) + dimension_);
    std::copy(greatest.begin(), greatest.end(), least);
    for (size_t i = 1; i < table.count; i++) {
        const float* row = table.row(i);
        for (size_t j = 0; j < dimension_; j++) {
            least[j] = std::min(least[j], row[j]);
            greatest[j] = std::max(greatest[j], row[j]);
        }
    }
    for (size_t j = 0; j < dimension_; j++) steps[j] = (greatest[j] - least[j]) / kGreatestCode;
}

RowEncoder::RowEncoder(uint32_t storage, size_t dimension, const float* scale)
    : storage_(storage), dimension_(dimension), scale_(scale, scale + codeScaleFloats(storage, dimension)) {}

void RowEncoder::encode(const float* vector, void* codes) const {
    std::memset(codes, 0, codeBytes(storage_, dimension_));
    if (storage_ == CFAISS_BFLOAT16) encodeBfloat16(vector, static_cast<uint16_t*>(codes));
    else if (storage_ == CFAISS_INT8) encodeInt8(vector, static_cast<uint8_t*>(codes));
}

void RowEncoder::encodeBfloat16(const float* vector, uint16_t* codes) const {
    constexpr size_t half = kBfloat16Block / 2;
    for (size_t j = 0; j < dimension_; j++) {
        size_t place = j % kBfloat16Block;
        codes[j - place + 2 * (place % half) + place / half] = asBfloat16(vector[j]);
    }
}

void RowEncoder::encodeInt8(const float* vector, uint8_t* codes) const {
    const float* least = scale_.data();
    const float* steps = least + paddedTo16(dimension_);
    for (size_t j = 0; j < dimension_; j++) {
        // A component that is the same in all rows has no steps and adds nothing.
        float above = steps[j] > 0 ? (vector[j] - least[j]) / steps[j] : 0;
        codes[j] = static_cast<uint8_t>(std::clamp(above + 0.5f, 0.0f, kGreatestCode));
    }
}

void weighInt8(const float* query, const float* steps, size_t dimension, size_t stride, int8_t* weights) {
    std::memset(weights, 0, stride);
    float greatest = 0;
    for (size_t j = 0; j < dimension; j++) greatest = std::max(greatest, std::abs(query[j] * steps[j]));
    if (greatest == 0) return;
    for (size_t j = 0; j < dimension; j++) {
        float share = query[j] * steps[j] / greatest;
        weights[j] = static_cast<int8_t>(share * kGreatestWeight + std::copysign(0.5f, share));
    }
}

}  // namespace cfaiss
