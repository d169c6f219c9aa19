// Prints how many billion multiplications a second one core makes in products of the shapes that scoring a request has, with packed
// weights in each precision and factors rounded beforehand, and with OpenBLAS, as medians of rounds in turns.
//
//   bench-products [ROUNDS]
import CKernels
import COpenBLAS
import Foundation

let arguments = CommandLine.arguments
guard arguments.count <= 2, let rounds = Int(arguments.count == 2 ? arguments[1] : "21"), rounds > 0 else {
    FileHandle.standardError.write(Data("usage: bench-products [ROUNDS]\n".utf8))
    exit(2)
}
openblas_set_num_threads(1)

/// Rows, inner columns, columns.
let shapes = [(128, 212, 368), (128, 580, 580), (128, 580, 64), (128, 64, 580), (128, 256, 128)]

func room(_ count: Int) -> UnsafeMutablePointer<Float> {
    let raw = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
    let floats = raw.bindMemory(to: Float.self, capacity: count)
    floats.initialize(repeating: 0, count: count)
    return floats
}

func seconds(_ body: () -> Void) -> Double {
    let start = ContinuousClock.now
    for _ in 0..<10 { body() }
    return (ContinuousClock.now - start) / .seconds(10)
}

for (rows, inner, columns) in shapes {
    let (x, w, y) = (room(rows * inner), room(inner * columns), room(rows * columns))
    ck_random_uniform(x, rows * inner, 1, -1, 1)
    ck_random_uniform(w, inner * columns, 2, -1, 1)
    let padded = (columns + Int(CK_PANEL_COLUMNS) - 1) / Int(CK_PANEL_COLUMNS) * Int(CK_PANEL_COLUMNS)
    let panels = (room(inner * padded), room((inner + 1) / 2 * padded), room(((inner + 3) / 4 + 2) * padded))
    ck_pack(panels.0, w, columns, 1, inner, columns, 1)
    ck_pack_bfloat16(panels.1, w, columns, inner, columns)
    ck_pack_int8(panels.2, w, columns, inner, columns)
    let (pairs, quads) = ((inner + 1) / 2, (inner + 3) / 4)
    let factors = (room(rows * pairs), room(rows * (quads + 1)))
    ck_round_bfloat16(factors.0, pairs, x, inner, rows, inner)
    ck_round_int8(factors.1, quads + 1, x, inner, rows, inner)

    func product(
        _ x: UnsafePointer<Float>, _ panels: UnsafePointer<Float>, _ stride: Int, _ words: Int,
        _ kernel: (UnsafePointer<ck_packed_product>) -> Void
    ) {
        withUnsafePointer(to: ck_packed_term(x: x, panels: panels, ldx: stride, k: words)) { term in
            var product = ck_packed_product(
                terms: term, bias: nil, x0: nil, x: nil, y: y, count: 1, rows: rows, columns: columns, ldy: columns,
                ldx0: 0, ldx: 0, rectify: 0, acc: 0)
            kernel(&product)
        }
    }
    let sides: [(String, () -> Void)] = [
        ("float32", { product(x, panels.0, inner, inner) { ck_product($0) } }),
        ("bfloat16", { product(factors.0, panels.1, pairs, pairs) { ck_product_bfloat16($0) } }),
        ("int8", { product(factors.1, panels.2, quads + 1, quads) { ck_product_int8($0) } }),
        (
            "openblas",
            {
                cblas_sgemm(
                    CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns), blasint(inner), 1, x,
                    blasint(inner), w, blasint(columns), 0, y, blasint(columns))
            }
        ),
    ]
    var times = [[Double]](repeating: [], count: sides.count)
    for _ in 0..<rounds {
        for (side, entry) in sides.enumerated() { times[side].append(seconds(entry.1)) }
    }
    let billions = Double(rows * inner * columns) / 1e9
    let rates = zip(sides, times).map { side, times in
        "\(side.0) \(Int((billions / times.sorted()[times.count / 2]).rounded()))"
    }
    print("\(rows) x \(inner) x \(columns): \(rates.joined(separator: ", ")) billion a second")
}
