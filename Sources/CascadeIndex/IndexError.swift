/// What can go wrong with an index; each text says what to do about it.
package enum IndexError: Error, Equatable, CustomStringConvertible {
    /// A query or a set of vectors has another width than the index.
    case dimensionMismatch(expected: Int, got: Int)
    /// A flat array of floats is not a whole number of vectors.
    case raggedVectors(floats: Int, dimension: Int)
    /// A filter was made for another number of rows.
    case filterMismatch(expected: Int, got: Int)
    /// A setting lies outside its range.
    case invalidParameter(name: String, value: String, allowed: String)
    /// A row that the index does not have.
    case rowOutOfRange(row: Int, count: Int)
    /// A vector or query with components that no search can use (not finite, or far too long).
    case unusableVector(String)
    /// A file that is not a whole, unaltered index; the text begins with its name.
    case unusableFile(String)
    /// The system refused to read or write a file; the text names it.
    case ioFailed(String)
    /// No effort up to the limit reaches the recall asked for.
    case recallUnreachable(target: Double, best: Double, effort: Int)
    /// Faiss failed, or memory ran out.
    case nativeFailure(String)

    package var description: String {
        switch self {
        case .dimensionMismatch(let expected, let got):
            "the index holds vectors of \(expected) components, got \(got); use the model that the index was built from"
        case .raggedVectors(let floats, let dimension):
            "\(floats) floats are not a whole number of vectors of \(dimension) components"
        case .filterMismatch(let expected, let got):
            "the index has \(expected) rows, the filter is for \(got); make the filter with the index's count"
        case .invalidParameter(let name, let value, let allowed):
            "\(name) is \(value), it must be \(allowed)"
        case .rowOutOfRange(let row, let count):
            "row \(row) does not exist, the index has \(count) rows"
        case .unusableVector(let text), .unusableFile(let text), .ioFailed(let text), .nativeFailure(let text):
            text
        case .recallUnreachable(let target, let best, let effort):
            "recall \(target) is out of reach: effort \(effort) gives \(best); build with a larger m or efConstruction"
        }
    }
}
