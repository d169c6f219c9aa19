import CKernels

/// y = the parts side by side. Parts whose place is still free lie inside y from the start (no copy, and their
/// gradients are columns of y's gradient); the others are copied. parts [n × c_i], y [n × Σ c_i].
struct Concat: Operation {
    struct Copied {
        var part: Value
        var column: Value
    }

    let copied: [Copied]

    func forward(_ m: Memory) {
        for index in copied.indices {
            let entry = copied[index]
            let part = m[entry.part]
            let column = m[entry.column]
            ck_scale(column.base, column.stride, 0, part.base, part.stride, part.rows, part.columns, 1)
        }
    }

    func backward(_ m: Memory) {
        for index in copied.indices {
            let entry = copied[index]
            guard let target = m.target(entry.part) else { continue }
            let g = m.gradient(entry.column)
            ck_scale(target.base, target.stride, target.add, g.base, g.stride, g.rows, g.columns, 1)
        }
    }
}

extension Plan {
    /// The parts side by side, all in one dimension. Free for parts that are results of operations and not yet views.
    package func concat(_ parts: [Value]) -> Value {
        guard let first = parts.first else {
            fail(.shape(operation: "concat", detail: "has no parts"))
            return makeValue(fixed(1), columns: 1, needsGradient: false)
        }
        for part in parts { require(part.dimension == first.dimension, "concat", "parts have different dimensions") }
        let y = makeValue(
            first.dimension, columns: parts.reduce(0) { $0 + $1.columns }, needsGradient: needsGradient(parts))
        var copied: [Concat.Copied] = []
        var column = 0
        for part in parts {
            if !place(part, in: y, column: column) {
                let slice = makeView(of: y, dimension: y.dimension, columns: part.columns, column: column)
                copied.append(Concat.Copied(part: part, column: slice))
            }
            column += part.columns
        }
        record(Concat(copied: copied), "concat", inputs: parts, outputs: [y])
        return y
    }

    /// Makes `part` a view of `y` if it still owns its place and is computed by this plan.
    private func place(_ part: Value, in y: Value, column: Int) -> Bool {
        let record = values[part.index]
        guard case .arena = record.storage, record.firstUse != Int.max, !record.kept, !isFixed(part) else {
            return false
        }
        values[part.index].storage = .view(of: y.index, column: column, row: 0, sharesGradient: true)
        values[y.index].firstUse = min(values[y.index].firstUse, record.firstUse)
        values[y.index].lastUse = max(values[y.index].lastUse, record.lastUse)
        return true
    }

    /// Columns of x in place: a view without a copy, its gradient is part of x's.
    package func slice(_ x: Value, columns: Range<Int>) -> Value {
        guard columns.lowerBound >= 0, columns.upperBound <= x.columns, !columns.isEmpty else {
            fail(.shape(operation: "slice", detail: "\(describe(x)) has no columns \(columns)"))
            return x
        }
        return makeView(of: x, dimension: x.dimension, columns: columns.count, column: columns.lowerBound)
    }

    /// x for the forward pass, a constant for the backward pass: a view without a copy.
    package func stopGradient(_ x: Value) -> Value {
        makeView(of: x, dimension: x.dimension, columns: x.columns, column: 0, sharesGradient: false)
    }
}
