import CKernels

/// Sums gradients by row for the rows of a thread, and applies each sum once.
///
/// Every thread scans all lookups in the same order and takes its own rows, so the sums do not depend on timing, nor on
/// how many threads there are.
final class RowSums {
    private let slots: UnsafeMutablePointer<Int32>
    private let table: AlignedBuffer
    /// [rows] Σ of the mean squared gradients so far.
    private let squares: AlignedBuffer
    private let dimension: Int
    private let parts: [Part]

    private final class Part {
        let touched: UnsafeMutablePointer<Int32>
        let sums: AlignedBuffer
        var used = 0

        init(capacity: Int, dimension: Int) throws(NNError) {
            sums = try AlignedBuffer(count: capacity * dimension)
            touched = .allocate(capacity: max(1, capacity))
        }

        deinit { touched.deallocate() }
    }

    /// - Parameter capacity: rows that a step touches at most.
    init(table: AlignedBuffer, rows: Int, dimension: Int, capacity: Int, threads: Int) throws(NNError) {
        self.table = table
        self.dimension = dimension
        squares = try AlignedBuffer(count: rows)
        var parts: [Part] = []
        for _ in 0..<threads { parts.append(try Part(capacity: min(capacity, rows), dimension: dimension)) }
        self.parts = parts
        slots = .allocate(capacity: rows)
        slots.initialize(repeating: -1, count: rows)
    }

    deinit { slots.deallocate() }

    /// Sums what the lists say of the thread's rows.
    func collect(_ lists: UnsafePointer<ck_lookups>, count: Int, thread: Int) {
        let part = parts[thread]
        part.used = ck_collect_rows(
            lists, count, Int32(thread), Int32(parts.count), dimension, slots, part.touched, part.sums.base)
    }

    /// Moves the thread's rows by what was collected, and forgets it.
    func apply(rate: Float, thread: Int) {
        let part = parts[thread]
        var update = ck_update()
        update.rate = rate
        update.gradient_scale = 1
        update.epsilon = 1e-8
        ck_rowwise_adagrad(table.base, squares.base, part.touched, part.sums.base, part.used, dimension, &update)
        ck_release_rows(slots, part.touched, part.used)
        part.used = 0
    }
}
