import CKernels

extension Plan {
    /// Lays out all buffers and ends recording; throws the first misfit that recording met.
    package func seal() throws(NNError) {
        guard memory == nil else { throw .plan("the plan is sealed already; seal it once") }
        if let recordingError { throw recordingError }
        BLAS.useOneThread()
        let arena = try layoutValues()
        let slots = allocate(ValueSlot.self, values.count)
        for index in values.indices { (slots + index).initialize(to: try slot(index, arena)) }
        try layoutGradients(slots)

        let counts = allocate(Int.self, dimensions.count)
        let globals = allocate(Int.self, dimensions.count)
        let written = allocate(Bool.self, values.count)
        for (index, entry) in dimensions.enumerated() {
            (counts + index).initialize(to: entry.fixed ? entry.dimension.capacity : 0)
            (globals + index).initialize(to: 0)
        }
        written.initialize(repeating: false, count: max(values.count, 1))
        let scratch = try AlignedBuffer(count: scratchPeak)
        buffers.append(scratch)
        var productRoom: AlignedBuffer?
        if products == .bfloat16 {
            let room = try AlignedBuffer(count: Int(CK_PRODUCT_ROOM))
            buffers.append(room)
            productRoom = room
        }
        let state = UnsafeMutablePointer<PlanState>.allocate(capacity: 1)
        state.initialize(
            to: PlanState(
                slots: slots, counts: counts, globalCounts: globals, integers: try layoutIntegers(), written: written,
                scratch: scratch.base, productRoom: productRoom?.base, training: mode == .training, seed: seed, step: 0)
        )
        memory = Memory(state: state)
    }

    private func allocate<T>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
        let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(count, 1))
        pointers.append(UnsafeMutableRawPointer(pointer))
        return pointer
    }

    // MARK: values

    /// Offsets of all values that own a part of the arena; −1 for the others.
    private func layoutValues() throws(NNError) -> (base: UnsafeMutablePointer<Float>, offsets: [Int]) {
        var offsets = [Int](repeating: -1, count: values.count)
        var allocator = IntervalAllocator(reuse: mode == .inference)
        for index in lifetimes() {
            let record = values[index]
            guard case .arena = record.storage else { continue }
            let forever = record.kept || (!record.auxiliary && record.lastUse <= record.firstUse)
            offsets[index] = allocator.place(
                aligned(record.dimension.capacity * record.columns),
                from: record.kept ? -1 : record.firstUse, to: forever ? Int.max : record.lastUse)
        }
        let buffer = try AlignedBuffer(count: allocator.size)
        buffers.append(buffer)
        return (buffer.base, offsets)
    }

    private func lifetimes() -> [Int] {
        values.indices.sorted {
            (values[$0].kept ? -1 : values[$0].firstUse, $0) < (values[$1].kept ? -1 : values[$1].firstUse, $1)
        }
    }

    private func slot(
        _ index: Int, _ arena: (base: UnsafeMutablePointer<Float>, offsets: [Int])
    ) throws(NNError) -> ValueSlot {
        let record = values[index]
        let place = location(index)
        let root = values[place.root]
        let base: UnsafeMutablePointer<Float>
        switch root.storage {
        case .parameter(let weights, _): base = weights
        default: base = arena.base + arena.offsets[place.root]
        }
        return ValueSlot(
            base: base + place.offset, stride: root.columns, gradient: nil, gradientStride: 0,
            dimension: record.dimension.index, columns: record.columns, root: index, whole: true)
    }

    /// The value that owns the storage of `index`, and the offset in it; `gradient` stops at views without gradient.
    func location(_ index: Int, gradient: Bool = false) -> (root: Int, offset: Int) {
        var current = index
        var column = 0
        var row = 0
        while case .view(let parent, let c, let r, let shares) = values[current].storage, shares || !gradient {
            column += c
            row += r
            current = parent
        }
        return (current, row * values[current].columns + column)
    }

    // MARK: gradients

    private func layoutGradients(_ slots: UnsafeMutablePointer<ValueSlot>) throws(NNError) {
        guard mode == .training else { return }
        var offsets = [Int](repeating: -1, count: values.count)
        var size = 0
        for index in values.indices where values[index].needsGradient {
            guard case .arena = values[index].storage else { continue }
            offsets[index] = size
            size += aligned(values[index].dimension.capacity * values[index].columns)
        }
        let buffer = try AlignedBuffer(count: size)
        buffers.append(buffer)
        let dense = try AlignedBuffer(count: store.denseCount)
        denseGradient = dense
        for index in values.indices where values[index].needsGradient {
            let place = location(index, gradient: true)
            let root = values[place.root]
            let base: UnsafeMutablePointer<Float>
            switch root.storage {
            case .parameter(_, let gradientOffset): base = dense.base + gradientOffset
            default: base = buffer.base + offsets[place.root]
            }
            slots[index].gradient = base + place.offset
            slots[index].gradientStride = root.columns
            slots[index].root = place.root
            slots[index].whole =
                values[index].columns == root.columns && values[index].dimension == root.dimension
        }
    }

    // MARK: integers

    private func layoutIntegers() throws(NNError) -> UnsafeMutablePointer<UnsafeMutablePointer<Int32>> {
        let table = allocate(UnsafeMutablePointer<Int32>.self, integerRecords.count)
        var size = 0
        for record in integerRecords { size += aligned(record.count) }
        let buffer = try AlignedBuffer(count: size)
        buffers.append(buffer)
        var next = UnsafeMutableRawPointer(buffer.base)
        for (index, record) in integerRecords.enumerated() {
            (table + index).initialize(to: next.assumingMemoryBound(to: Int32.self))
            next += aligned(record.count) * 4
        }
        return table
    }
}
