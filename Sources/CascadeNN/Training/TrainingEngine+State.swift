import CKernels

extension TrainingEngine {
    func swapBuffers(_ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>, _ count: Int) {
        ck_swap(a, b, count)
    }

    /// Everything besides the weights that a resumed training needs, by name.
    private var stateBuffers: [(name: String, buffer: AlignedBuffer)] {
        var buffers = dense.states.enumerated().map { (name: "dense.\($0)", buffer: $1) }
        if let average = dense.average { buffers.append(("dense.average", average)) }
        for update in tables {
            let name = "table.\(update.table.name)"
            buffers += update.elementStates.enumerated().map { (name: "\(name).element.\($0)", buffer: $1) }
            if let row = update.rowState { buffers.append(("\(name).row", row)) }
            if let average = update.average { buffers.append(("\(name).average", average)) }
        }
        return buffers.filter { $0.buffer.count > 0 }
    }

    /// Names and shapes of the weights, which the order of the state depends on.
    private var layout: String {
        let names = store.parameters.map { "\($0.name) \($0.rows) \($0.columns)" }
        return String(stableHash(names.joined(separator: "\n")), radix: 16)
    }

    /// Writes the optimizer's memory, the averages and the step to a safetensors file. With the weights, saved by the
    /// store, training can go on with the same bits.
    package func saveState(to path: String) throws(NNError) {
        let tensors = stateBuffers.map {
            CheckpointTensor(name: $0.name, shape: [$0.buffer.count], base: $0.buffer.base)
        }
        try CheckpointWriter.write(
            tensors, metadata: ["step": String(stepCount), "layout": layout], to: path)
    }

    /// Reads what `saveState` wrote for the same model and optimizers.
    package func loadState(from path: String) throws(NNError) {
        let file = try Checkpoint(path: path)
        guard let text = file.metadata["step"], let step = Int(text), file.metadata["layout"] == layout else {
            throw .checkpoint(
                file: path, tensor: nil, detail: "is not the training state of this model; use the one saved with it")
        }
        let buffers = stateBuffers
        guard Set(file.names) == Set(buffers.map(\.name)) else {
            throw .checkpoint(
                file: path, tensor: nil, detail: "was written with other optimizers; train with the same ones")
        }
        for entry in buffers { _ = try file.pointer(entry.name, [entry.buffer.count]) }
        for entry in buffers {
            entry.buffer.base.update(
                from: try file.pointer(entry.name, [entry.buffer.count]), count: entry.buffer.count)
        }
        stepCount = step
    }
}
