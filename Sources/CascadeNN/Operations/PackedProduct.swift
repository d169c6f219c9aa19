import CKernels

/// y = f(Σ_k x_k·W_k + b) over packed matrices, f nothing, max(0, z), or the end of a cross layer, x₀ ⊙ z + x. x_k [n × c_k],
/// W_k [c_k × m], b [1 × m], y, x [n × m], x₀ such or one row for all. Forward only.
struct PackedProduct: Operation {
    enum Weight {
        /// Weights of the store.
        case matrix(PackedMatrix)
        /// An input that is filled with a packed matrix in each pass.
        case input(Value)
    }

    struct Term {
        let x: Value
        let weight: Weight
    }

    enum Ending {
        case none
        case rectify
        case cross(x0: Value, x: Value)
    }

    let terms: [Term]
    let bias: Value?
    let ending: Ending
    let y: Value
    /// In what numbers the factors of the terms, and their matrices, are.
    let precision: ProductPrecision

    func forward(_ m: Memory) {
        let y = m[y]
        let pairs = precision.pairs
        withUnsafeTemporaryAllocation(of: ck_packed_term.self, capacity: pairs.count * terms.count) { list in
            guard let base = list.baseAddress else { return }
            for index in terms.indices {
                let x = m[terms[index].x]
                let packed: UnsafePointer<Float> =
                    switch terms[index].weight {
                    case .matrix(let matrix): matrix.panels
                    case .input(let value): UnsafePointer(m[value].base)
                    }
                precision.write(
                    terms: base + index * pairs.count, of: x, with: packed, columns: y.columns)
            }
            var product = ck_packed_product(
                terms: base, bias: bias.map { UnsafePointer(m[$0].base) }, x0: nil, x: nil, y: y.base,
                count: pairs.count * terms.count, rows: y.rows, columns: y.columns, ldy: y.stride, ldx0: 0, ldx: 0,
                rectify: 0, acc: 0)
            switch ending {
            case .none: break
            case .rectify: product.rectify = 1
            case .cross(let x0, let x):
                let isOneRow = m[x0].rows == 1 && y.rows != 1
                (product.x0, product.ldx0) = (UnsafePointer(m[x0].base), isOneRow ? 0 : m[x0].stride)
                (product.x, product.ldx) = (UnsafePointer(m[x].base), m[x].stride)
            }
            precision.multiply(&product)
        }
    }

    func backward(_ m: Memory) {}
}

extension Plan {
    /// A matrix of weights, packed; nil for what is no weight, and in a plan that does not pack.
    func packed(_ weight: Value) -> PackedMatrix? {
        guard let packing, mode == .inference, isFixed(weight) else { return nil }
        let place = location(weight.index)
        guard case .parameter(let base, _) = values[place.root].storage else { return nil }
        do throws(NNError) {
            return try packing.packed(
                base + place.offset, rows: weight.dimension.capacity, columns: weight.columns,
                stride: values[place.root].columns)
        } catch {
            fail(error)
            return nil
        }
    }

    /// A factor with a matrix of weights that must be packed; nil, and a misfit is remembered, where it cannot be.
    func packedTerm(_ x: Value, _ weight: Value) -> PackedProduct.Term? {
        guard let matrix = packed(weight) else {
            fail(.plan("\(describe(weight)) cannot be packed: it is no weight, or the plan was made without a packing"))
            return nil
        }
        return PackedProduct.Term(x: x, weight: .matrix(matrix))
    }

    /// f(Σ x_k·W_k + b), in a plan that packs. `.rectify` needs a bias.
    func packedProduct(
        _ terms: [PackedProduct.Term], bias: Value?, ending: PackedProduct.Ending, columns: Int
    ) -> Value {
        guard let rows = terms.first?.x.dimension else {
            fail(.shape(operation: "packedProduct", detail: "has no terms"))
            return makeValue(fixed(1), columns: columns, needsGradient: false)
        }
        let precision = packing?.precision ?? .float32
        for term in terms {
            let fits =
                switch term.weight {
                case .matrix(let matrix): matrix.rows == term.x.columns && matrix.columns == columns
                case .input(let value):
                    value.dimension.capacity * value.columns
                        == PackedMatrix.floats(rows: term.x.columns, columns: columns, precision)
                }
            require(
                fits && term.x.dimension == rows, "packedProduct",
                "\(describe(term.x)) does not fit its matrix of \(columns) columns")
        }
        if case .rectify = ending { require(bias != nil, "packedProduct", "needs a bias for what follows it") }
        let factors = terms.map { PackedProduct.Term(x: factor($0.x), weight: $0.weight) }
        var inputs = factors.map(\.x)
        for case .input(let value) in terms.map(\.weight) { inputs.append(value) }
        if let bias {
            requireRow(bias, columns: columns, "packedProduct")
            inputs.append(bias)
        }
        if case .cross(let x0, let x) = ending {
            if isFixed(x0), x0.dimension.capacity == 1 {
                requireRow(x0, columns: x.columns, "packedProduct")
            } else {
                requireSame(x0, x, "packedProduct")
            }
            require(x.dimension == rows && x.columns == columns, "packedProduct", "\(describe(x)) is no cross layer's")
            inputs += [x0, x]
        }
        let y = makeValue(rows, columns: columns, needsGradient: false)
        record(
            PackedProduct(terms: factors, bias: bias, ending: ending, y: y, precision: precision), "packedProduct",
            inputs: inputs, outputs: [y])
        return y
    }
}
