/// What can go wrong in the neural core; every text says what to change.
package enum NNError: Error, Equatable, CustomStringConvertible {
    /// An operation was recorded with operands that do not fit.
    case shape(operation: String, detail: String)
    /// A count was set above the capacity that its dimension was recorded with.
    case capacity(dimension: String, count: Int, capacity: Int)
    /// A plan was used in the wrong order or mode.
    case plan(String)
    /// An index input holds a row that does not exist.
    case indexOutOfRange(indices: String, position: Int, index: Int, limit: Int)
    /// Segment offsets are not ordered, not complete or longer than recorded.
    case offsets(name: String, segment: Int, detail: String)
    /// A NaN or an infinity appeared in training.
    case nonFinite(step: Int, tensor: String)
    /// Parameters were declared or used wrongly.
    case store(String)
    /// A file of tensors cannot be written, read, or does not fit.
    case checkpoint(file: String, tensor: String?, detail: String)
    /// Settings or sequences that no embeddings can be learned with.
    case embeddings(String)
    /// A worker thread or a buffer could not be had from the system.
    case system(String)

    package var description: String {
        switch self {
        case .shape(let operation, let detail):
            "\(operation): \(detail); change the widths or dimensions of its operands"
        case .capacity(let dimension, let count, let capacity):
            "dimension \(dimension) has \(count) rows but was recorded for \(capacity); record it with a larger capacity"
        case .plan(let detail): detail
        case .indexOutOfRange(let indices, let position, let index, let limit):
            "\(indices)[\(position)] is \(index), but there are \(limit) rows; encode the input with the same sizes"
        case .offsets(let name, let segment, let detail):
            "\(name): segment \(segment) \(detail); offsets start at 0, never fall and end at the number of rows"
        case .nonFinite(let step, let tensor):
            "step \(step): \(tensor) is not finite; lower the learning rate, clip gradients or check the input"
        case .store(let detail): detail
        case .checkpoint(let file, let tensor, let detail):
            tensor.map { "\(file): tensor \($0): \(detail)" } ?? "\(file): \(detail)"
        case .embeddings(let detail): "embeddings: \(detail)"
        case .system(let detail): detail
        }
    }
}
