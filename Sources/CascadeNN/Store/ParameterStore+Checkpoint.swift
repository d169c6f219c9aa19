extension ParameterStore {
    /// Writes all tensors to a safetensors file, replacing it in one step.
    package func save(to path: String, metadata: [String: String] = [:]) throws(NNError) {
        guard isAllocated else { throw .store("the store is not allocated; there is nothing to save to \(path)") }
        try CheckpointWriter.write(checkpointTensors, metadata: metadata, to: path)
    }

    /// Reads all tensors from a safetensors file. Names and shapes must be exactly those declared.
    package func load(from path: String) throws(NNError) {
        try load(Checkpoint(path: path))
    }

    /// Copies all tensors out of an open file. Names and shapes must be exactly those declared.
    package func load(_ checkpoint: Checkpoint) throws(NNError) {
        guard isAllocated, !isReadOnly else {
            throw .store("allocate(seed:) the store before loading \(checkpoint.path) into it")
        }
        try checkNames(checkpoint)
        // All shapes before the first byte, so that a refused file leaves the store as it was.
        for tensor in checkpointTensors { _ = try checkpoint.pointer(tensor.name, tensor.shape) }
        for tensor in checkpointTensors {
            let source = try checkpoint.pointer(tensor.name, tensor.shape)
            UnsafeMutablePointer(mutating: tensor.base).update(from: source, count: tensor.count)
        }
    }

    var checkpointTensors: [CheckpointTensor] {
        parameters.map {
            CheckpointTensor(name: $0.name, shape: [$0.rows, $0.columns], base: weights($0).baseAddress!)
        }
            + tables.map {
                CheckpointTensor(name: $0.name, shape: [$0.rows, $0.dimension], base: weights($0).baseAddress!)
            }
    }

    func checkNames(_ checkpoint: Checkpoint) throws(NNError) {
        let declared = Set(parameters.map(\.name) + tables.map(\.name))
        if let missing = declared.subtracting(checkpoint.names).min() {
            throw .checkpoint(
                file: checkpoint.path, tensor: missing,
                detail: "is missing; the file was written by a different model configuration")
        }
        if let surplus = Set(checkpoint.names).subtracting(declared).min() {
            throw .checkpoint(
                file: checkpoint.path, tensor: surplus,
                detail: "is not part of this model; the file was written by a different model configuration")
        }
    }
}
