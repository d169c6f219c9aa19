import CKernels

/// Where a value lies. Strides are in floats.
struct ValueSlot {
    var base: UnsafeMutablePointer<Float>
    var stride: Int
    /// Null where no gradient is needed.
    var gradient: UnsafeMutablePointer<Float>?
    var gradientStride: Int
    var dimension: Int
    var columns: Int
    /// The value that owns the gradient buffer, and whether this value covers all of it.
    var root: Int
    var whole: Bool
}

/// The mutable state of a sealed plan, behind one pointer.
struct PlanState {
    var slots: UnsafeMutablePointer<ValueSlot>
    var counts: UnsafeMutablePointer<Int>
    /// Rows of each dimension over all workers of a step; 0 means: this plan is alone.
    var globalCounts: UnsafeMutablePointer<Int>
    var integers: UnsafeMutablePointer<UnsafeMutablePointer<Int32>>
    /// For each owner of a gradient buffer: has anything been written in this backward pass?
    var written: UnsafeMutablePointer<Bool>
    var scratch: UnsafeMutablePointer<Float>
    /// Where products of bfloat16 are made ready; null where products are in float32.
    var productRoom: UnsafeMutablePointer<Float>?
    var training: Bool
    var seed: UInt64
    var step: UInt64
    /// The first bad index or segment of this pass: (integer slot, position), position −1 if none.
    var faultSlot = 0
    var faultPosition = -1
    var faultLimit = 0
    var faultIsSegment = false
}

/// What operations see of a plan while it runs: pointers, strides and counts. A handle of one word.
struct Memory {
    let state: UnsafeMutablePointer<PlanState>

    var training: Bool { state.pointee.training }
    var step: UInt64 { state.pointee.step }
    var seed: UInt64 { state.pointee.seed }

    func rows(_ dimension: Dimension) -> Int {
        state.pointee.counts[dimension.index]
    }

    /// Rows of a dimension over the whole batch, that is over all workers; what a mean divides by.
    func batchRows(_ dimension: Dimension) -> Int {
        let global = state.pointee.globalCounts[dimension.index]
        return global > 0 ? global : rows(dimension)
    }

    subscript(value: Value) -> Matrix {
        let slot = state.pointee.slots + value.index
        return Matrix(
            base: slot.pointee.base, rows: rows(value.dimension), columns: value.columns, stride: slot.pointee.stride)
    }

    func integers(_ indices: Indices) -> UnsafeMutablePointer<Int32> {
        state.pointee.integers[indices.index]
    }

    func integers(_ offsets: Offsets) -> UnsafeMutablePointer<Int32> {
        state.pointee.integers[offsets.index]
    }

    func scratch(_ scratch: Scratch) -> UnsafeMutablePointer<Float> {
        state.pointee.scratch + scratch.offset
    }

    /// C = op(A) · op(B) + add · C in the numbers that the plan multiplies in; see `BLAS.multiply`.
    func multiply(
        _ form: BLAS.Form, _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, _ lda: Int,
        _ b: UnsafePointer<Float>, _ ldb: Int, add: Int32, into c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        guard let room = state.pointee.productRoom, m > 0, n > 0, k > 0 else {
            return BLAS.multiply(form, m, n, k, a, lda, b, ldb, add: add, into: c, ldc)
        }
        let (firstTurned, secondTurned) = (form == .firstTransposed, form == .secondTransposed)
        var matrices = ck_matrices(
            a: a, b: b, c: c, m: m, n: n, k: k, a_down: firstTurned ? 1 : lda, a_across: firstTurned ? lda : 1,
            b_down: secondTurned ? 1 : ldb, b_across: secondTurned ? ldb : 1, ldc: ldc, acc: add)
        ck_multiply_bfloat16(&matrices, room)
    }

    // MARK: gradients

    func needsGradient(_ value: Value) -> Bool {
        state.pointee.slots[value.index].gradient != nil
    }

    /// Whether any later operation has written to the gradient of a value.
    func hasGradient(_ value: Value) -> Bool {
        let slot = state.pointee.slots + value.index
        return slot.pointee.gradient != nil && state.pointee.written[slot.pointee.root]
    }

    /// The complete gradient of an output, cleared first if nobody wrote it.
    func gradient(_ value: Value) -> Matrix {
        let slot = state.pointee.slots + value.index
        if !state.pointee.written[slot.pointee.root] { clear(root: slot.pointee.root) }
        return Matrix(
            base: slot.pointee.gradient ?? slot.pointee.base, rows: rows(value.dimension), columns: value.columns,
            stride: slot.pointee.gradientStride)
    }

    /// Where an operation puts the gradient of an input: the first writer replaces, later ones add. Nil if not needed.
    func target(_ value: Value) -> GradientTarget? {
        let slot = state.pointee.slots + value.index
        guard let base = slot.pointee.gradient else { return nil }
        var add: Int32 = 1
        if !state.pointee.written[slot.pointee.root] {
            if slot.pointee.whole {
                state.pointee.written[slot.pointee.root] = true
                add = 0
            } else {
                clear(root: slot.pointee.root)
            }
        }
        return GradientTarget(base: base, stride: slot.pointee.gradientStride, add: add)
    }

    /// As `target`, but cleared beforehand, for operations that can only add.
    func addingTarget(_ value: Value) -> GradientTarget? {
        let slot = state.pointee.slots + value.index
        guard let base = slot.pointee.gradient else { return nil }
        if !state.pointee.written[slot.pointee.root] { clear(root: slot.pointee.root) }
        return GradientTarget(base: base, stride: slot.pointee.gradientStride, add: 1)
    }

    private func clear(root: Int) {
        let slot = state.pointee.slots + root
        state.pointee.written[root] = true
        guard let base = slot.pointee.gradient else { return }
        let rows = state.pointee.counts[slot.pointee.dimension]
        ck_fill(base, slot.pointee.gradientStride, rows, slot.pointee.columns, 0)
    }

    // MARK: checks of integer inputs

    /// Checks that the first `count` indices lie in low ..< limit; false (and remembered) if not.
    func check(_ indices: Indices, below limit: Int, from low: Int32 = Int32.min) -> Bool {
        check(indices, rows: 0..<rows(indices.dimension), below: limit, from: low)
    }

    /// The same for some of the rows.
    func check(_ indices: Indices, rows: Range<Int>, below limit: Int, from low: Int32 = Int32.min) -> Bool {
        let start = rows.lowerBound * indices.width
        let bad = ck_first_out_of_range(
            integers(indices) + start, rows.count * indices.width, low, Int32(clamping: limit))
        guard bad >= 0 else { return true }
        fault(slot: indices.index, position: start + bad, limit: limit, segment: false)
        return false
    }

    /// Checks that offsets are ordered, complete and no segment longer than recorded; false (and remembered) if not.
    func check(_ offsets: Offsets) -> Bool {
        let bad = ck_first_bad_segment(
            integers(offsets), rows(offsets.segments), rows(offsets.items), offsets.maximumLength)
        guard bad >= 0 else { return true }
        fault(slot: offsets.index, position: bad, limit: rows(offsets.items), segment: true)
        return false
    }

    private func fault(slot: Int, position: Int, limit: Int, segment: Bool) {
        guard state.pointee.faultPosition < 0 else { return }
        state.pointee.faultSlot = slot
        state.pointee.faultPosition = position
        state.pointee.faultLimit = limit
        state.pointee.faultIsSegment = segment
    }
}
