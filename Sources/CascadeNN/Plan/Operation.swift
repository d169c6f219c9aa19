/// One recorded step of a plan: it reads and writes the memory that its handles name, forward and backward.
///
/// `backward` runs only in training plans and only if some gradient reached one of the outputs; it adds to the
/// gradients of the inputs that need one. Neither call allocates.
protocol Operation {
    func forward(_ m: Memory)
    func backward(_ m: Memory)
}

extension Operation {
    /// Operations without a gradient of their own (views) have nothing to do.
    func backward(_ m: Memory) {}
}
