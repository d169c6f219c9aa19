import CKernels

extension Plan {
    // MARK: filling

    /// Sets how many rows a dimension has in the next pass; throws above its capacity.
    package func setCount(_ dimension: Dimension, _ count: Int) throws(NNError) {
        let entry = dimensions[dimension.index]
        guard count >= 0, count <= dimension.capacity, !entry.fixed || count == dimension.capacity else {
            throw .capacity(dimension: entry.name, count: count, capacity: dimension.capacity)
        }
        let memory = try sealed()
        setCount(dimension, count, memory)
    }

    private func setCount(_ dimension: Dimension, _ count: Int, _ memory: Memory) {
        memory.state.pointee.counts[dimension.index] = count
        guard let derived = multiples[dimension.index] else { return }
        for index in derived.indices { setCount(derived[index].dimension, count * derived[index].factor, memory) }
    }

    /// Rows of a dimension in this pass.
    package func count(_ dimension: Dimension) -> Int {
        memory?.rows(dimension) ?? 0
    }

    /// The memory of an input, count × columns. Call after `setCount`. Empty before `seal()`.
    package func floats(_ input: Value) -> UnsafeMutableBufferPointer<Float> {
        guard let memory else { return UnsafeMutableBufferPointer(start: nil, count: 0) }
        let matrix = memory[input]
        return UnsafeMutableBufferPointer(start: matrix.base, count: matrix.rows * matrix.columns)
    }

    /// The memory of an index input, count × width. Call after `setCount`. Empty before `seal()`.
    package func integers(_ indices: Indices) -> UnsafeMutableBufferPointer<Int32> {
        guard let memory else { return UnsafeMutableBufferPointer(start: nil, count: 0) }
        return UnsafeMutableBufferPointer(
            start: memory.integers(indices), count: memory.rows(indices.dimension) * indices.width)
    }

    /// The memory of segment borders, segments + 1. Call after `setCount`. Empty before `seal()`.
    package func integers(_ offsets: Offsets) -> UnsafeMutableBufferPointer<Int32> {
        guard let memory else { return UnsafeMutableBufferPointer(start: nil, count: 0) }
        return UnsafeMutableBufferPointer(start: memory.integers(offsets), count: memory.rows(offsets.segments) + 1)
    }

    // MARK: running
    // Loops over indices: unoptimised, an array's iterator allocates.

    /// Computes all values from the inputs.
    package func forward() throws(NNError) {
        let memory = try sealed()
        memory.state.pointee.faultPosition = -1
        for index in operations.indices {
            operations[index].operation.forward(memory)
            if memory.state.pointee.faultPosition >= 0 { throw fault(memory) }
        }
    }

    /// Computes the gradients of everything that `loss`, a scalar, depends on. Call after `forward`.
    package func backward(from loss: Value) throws(NNError) {
        let memory = try sealed()
        guard mode == .training else {
            throw .plan("an inference plan has no gradients; record it with mode .training")
        }
        guard loss.columns == 1, memory.rows(loss.dimension) == 1 else {
            throw .plan("backward starts from a scalar; reduce the value with mean or sum first")
        }
        memory.state.pointee.written.update(repeating: false, count: values.count)
        if let target = memory.target(loss) { target.base.pointee = 1 }
        var index = operations.count - 1
        while index >= 0 {
            if operations[index].needsBackward, reached(operations[index].outputs, memory) {
                operations[index].operation.backward(memory)
            }
            index -= 1
        }
        clearUnreachedParameters(memory)
    }

    private func reached(_ outputs: [Value], _ memory: Memory) -> Bool {
        for index in outputs.indices where memory.hasGradient(outputs[index]) { return true }
        return false
    }

    /// Weights that the loss did not reach this time must not keep the gradient of the last step.
    private func clearUnreachedParameters(_ memory: Memory) {
        for index in parameterList.indices where memory.needsGradient(parameterList[index]) {
            _ = memory.gradient(parameterList[index])
        }
    }

    /// Sets the step number that dropout draws from; the engine does this.
    package func setStep(_ step: Int) {
        memory?.state.pointee.step = UInt64(step)
    }

    // MARK: reading

    /// A scalar value, or row 0, column 0 of a matrix.
    package func scalar(_ value: Value) -> Float {
        memory?[value].base.pointee ?? .nan
    }

    /// The memory of a value without a copy; valid until the next pass. The plan must be sealed.
    package func matrix(_ value: Value) -> Matrix {
        guard let memory else { return Matrix(base: store.dense, rows: 0, columns: value.columns, stride: 0) }
        return memory[value]
    }

    /// A copy of a value, row-major.
    package func values(of value: Value) -> [Float] {
        let matrix = matrix(value)
        return [Float](unsafeUninitializedCapacity: matrix.rows * matrix.columns) { buffer, count in
            count = matrix.rows * matrix.columns
            copyValues(of: value, to: buffer)
        }
    }

    /// Copies a value, row-major, to a buffer of at least rows × columns floats.
    package func copyValues(of value: Value, to buffer: UnsafeMutableBufferPointer<Float>) {
        let matrix = matrix(value)
        guard let base = buffer.baseAddress, buffer.count >= matrix.rows * matrix.columns else { return }
        ck_scale(base, matrix.columns, 0, matrix.base, matrix.stride, matrix.rows, matrix.columns, 1)
    }

    /// A copy of the gradient of a value after `backward`, row-major; zeros where nothing reached it.
    package func gradients(of value: Value) -> [Float] {
        guard let memory, memory.needsGradient(value) else { return [] }
        let matrix = memory.gradient(value)
        return [Float](unsafeUninitializedCapacity: matrix.rows * matrix.columns) { buffer, count in
            count = matrix.rows * matrix.columns
            guard let base = buffer.baseAddress else { return }
            ck_scale(base, matrix.columns, 0, matrix.base, matrix.stride, matrix.rows, matrix.columns, 1)
        }
    }

    // MARK: faults

    func sealed() throws(NNError) -> Memory {
        guard let memory else { throw .plan("the plan is not sealed; call seal() after recording") }
        return memory
    }

    /// The name of the first recorded value that holds a NaN or an infinity, in the order of computation.
    func firstNonFinite() -> String? {
        guard let memory else { return nil }
        for index in values.indices where values[index].kept {
            let record = values[index]
            if !finite(memory, Value(index: index, dimension: record.dimension, columns: record.columns)) {
                return record.name
            }
        }
        for operation in operations {
            for output in operation.outputs where !finite(memory, output) { return values[output.index].name }
        }
        return nil
    }

    private func finite(_ memory: Memory, _ value: Value) -> Bool {
        let matrix = memory[value]
        return ck_first_non_finite(matrix.base, matrix.stride, matrix.rows, matrix.columns) < 0
    }

    private func fault(_ memory: Memory) -> NNError {
        let state = memory.state.pointee
        let record = integerRecords[state.faultSlot]
        let numbers = state.integers[state.faultSlot]
        guard state.faultIsSegment else {
            return .indexOutOfRange(
                indices: record.name, position: state.faultPosition, index: Int(numbers[state.faultPosition]),
                limit: state.faultLimit)
        }
        let segments = state.counts[record.dimension.index]
        let ends = "the offsets run from \(numbers[0]) to \(numbers[segments]) over \(state.faultLimit) rows"
        let detail =
            state.faultPosition == segments
            ? ends
            : "is \(numbers[state.faultPosition]) ..< \(numbers[state.faultPosition + 1]) of \(state.faultLimit) rows "
                + "and may be too long"
        return .offsets(name: record.name, segment: state.faultPosition, detail: detail)
    }
}
