package import CascadeFeatures
package import CascadeNN

/// How a value head learns the value of an impression, and how its outputs become that value again.
package protocol ValueForm: Sendable {
    /// Which choice of the configuration it is.
    static var kind: ValueLossKind { get }
    init(_ head: ValueHead)
    /// Outputs of the network for a row.
    var columns: Int { get }
    /// Writes what the `columns` outputs are to be for a value.
    func write(target value: Float, into targets: UnsafeMutablePointer<Float>)
    /// Records the loss, a scalar: an average over the rows of the whole batch.
    ///
    /// - Parameters:
    ///   - outputs: [R × columns].
    ///   - targets: [R × columns].
    ///   - weights: [R × 1], 0 where no value is known.
    func recordLoss(_ plan: Plan, outputs: Value, targets: Value, weights: Value) -> Value
    /// The value that the `columns` outputs stand for.
    func value(of outputs: UnsafePointer<Float>) -> Float
}

/// The forms that the configuration can name.
package enum ValueForms {
    static let members: [any ValueForm.Type] = [HistogramValue.self, SquaredValue.self]

    /// The form of a head.
    package static func make(_ head: ValueHead) -> any ValueForm {
        let type = members.first { $0.kind == head.settings.loss } ?? SquaredValue.self
        return type.init(head)
    }
}
