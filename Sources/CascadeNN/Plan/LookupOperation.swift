import CKernels

/// An operation that looks rows up in an embedding table. The gradient of its output is the gradient of the looked-up
/// rows, so `backward` has nothing to do: the sparse update reads the rows where they are.
protocol LookupOperation: Operation {
    var table: Table { get }
    var output: Value { get }
    /// The most lookups of a step.
    var capacity: Int { get }
    /// The lookups of this step with their gradient rows.
    func lookups(_ m: Memory) -> ck_lookups
}
