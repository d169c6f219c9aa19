import CKernels

/// y = f(Σ_k x_k·W_k + b) over packed matrices, f nothing, max(0, z), or the end of a cross layer, x₀ ⊙ z + x. x_k [n × c_k],
/// W_k [c_k × m], b [1 × m], y, x₀, x [n × m]. Forward only.
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
    /// For the factors rounded to bfloat16; nil where products are in float32.
    let rounded: Scratch?

    func forward(_ m: Memory) {
        let y = m[y]
        withUnsafeTemporaryAllocation(of: ck_packed_term.self, capacity: terms.count) { list in
            guard let base = list.baseAddress else { return }
            for index in terms.indices {
                let x = m[terms[index].x]
                let panels: UnsafePointer<Float> =
                    switch terms[index].weight {
                    case .matrix(let matrix): matrix.panels
                    case .input(let value): UnsafePointer(m[value].base)
                    }
                (base + index).initialize(to: ck_packed_term(x: x.base, panels: panels, ldx: x.stride, k: x.columns))
            }
            var product = ck_packed_product(
                terms: base, bias: bias.map { UnsafePointer(m[$0].base) }, x0: nil, x: nil, y: y.base,
                count: terms.count, rows: y.rows, columns: y.columns, ldy: y.stride, ldx0: 0, ldx: 0, rectify: 0, acc: 0
            )
            switch ending {
            case .none: break
            case .rectify: product.rectify = 1
            case .cross(let x0, let x):
                (product.x0, product.ldx0) = (UnsafePointer(m[x0].base), m[x0].stride)
                (product.x, product.ldx) = (UnsafePointer(m[x].base), m[x].stride)
            }
            if let rounded { ck_product_bfloat16(&product, m.scratch(rounded)) } else { ck_product(&product) }
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

    /// f(Σ x_k·W_k + b), in a plan that packs. Endings but `.none` need a bias.
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
        if case .none = ending {} else { require(bias != nil, "packedProduct", "needs a bias for what follows it") }
        var inputs = terms.map(\.x)
        for case .input(let value) in terms.map(\.weight) { inputs.append(value) }
        if let bias {
            requireRow(bias, columns: columns, "packedProduct")
            inputs.append(bias)
        }
        if case .cross(let x0, let x) = ending {
            requireSame(x0, x, "packedProduct")
            require(x.dimension == rows && x.columns == columns, "packedProduct", "\(describe(x)) is no cross layer's")
            inputs += [x0, x]
        }
        let y = makeValue(rows, columns: columns, needsGradient: false)
        let words = terms.reduce(0) { $0 + precision.words($1.x.columns) }
        let rounded = precision == .float32 ? nil : scratch(rows.capacity * words)
        record(
            PackedProduct(terms: terms, bias: bias, ending: ending, y: y, rounded: rounded), "packedProduct",
            inputs: inputs, outputs: [y])
        return y
    }
}
