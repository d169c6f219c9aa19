/// A symbolic number of rows: recorded with a capacity, counted anew in every step.
package struct Dimension: Sendable, Hashable {
    let index: Int
    /// The most rows a step may have.
    package let capacity: Int
}

/// A recorded matrix [rows of `dimension` × `columns`]; a handle that means something only in its own plan.
package struct Value: Sendable, Hashable {
    let index: Int
    /// The symbolic number of rows.
    package let dimension: Dimension
    /// The number of columns.
    package let columns: Int
}

/// A recorded matrix of row numbers, Int32 [rows of `dimension` × `width`].
package struct Indices: Sendable, Hashable {
    let index: Int
    /// The symbolic number of rows.
    package let dimension: Dimension
    /// Row numbers in each row.
    package let width: Int
}

/// Recorded segment borders, Int32 [`segments` + 1]: segment s is the rows offsets[s] ..< offsets[s + 1] of `items`.
package struct Offsets: Sendable, Hashable {
    let index: Int
    /// How many segments there are.
    package let segments: Dimension
    /// The rows that are cut into segments.
    package let items: Dimension
    /// The longest segment a step may have.
    package let maximumLength: Int
}

/// Scratch that lives only inside one forward or backward call of one operation.
struct Scratch {
    let offset: Int
}

/// Lent memory of a matrix: row r starts at `base + r * stride`.
package struct Matrix {
    /// The first element.
    package let base: UnsafeMutablePointer<Float>
    /// Rows in this step.
    package let rows: Int
    /// Columns.
    package let columns: Int
    /// Floats from one row to the next.
    package let stride: Int
}

/// Where a gradient goes: added to what is there if `add` is 1, replacing it if 0.
struct GradientTarget {
    let base: UnsafeMutablePointer<Float>
    let stride: Int
    let add: Int32
}
