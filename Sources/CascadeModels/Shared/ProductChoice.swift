import CascadeCore
package import CascadeNN

/// In what numbers products with weights are to be computed.
package enum ProductChoice: String, Hashable, Sendable, ChosenWord {
    /// bfloat16 where the processor is faster with it, else float32.
    case auto
    case float32
    case bfloat16
    case bfloat16x3
    case int8

    /// What that is on this processor.
    package var precision: ProductPrecision {
        switch self {
        case .auto: ProductPrecision.bfloat16IsFaster ? .bfloat16 : .float32
        case .float32: .float32
        case .bfloat16: .bfloat16
        case .bfloat16x3: .bfloat16x3
        case .int8: .int8
        }
    }
}
