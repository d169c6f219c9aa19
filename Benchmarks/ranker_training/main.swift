//   bench-ranker-training full|default WORKERS float32|bfloat16 [FILE]
//
// Reads lines "steps N" and answers each with the rows per second of N training steps, so that a driver can alternate
// it with another framework on the same machine, and with the mean loss of their rows before each was learned from. FILE holds batches
// that something can be learned from, as `peers/ranker_training.py --learn` writes them; without it they are random.
import CascadeNN
import Foundation

let batch = 2048
let arguments = CommandLine.arguments
guard (4...5).contains(arguments.count), ["full", "default"].contains(arguments[1]),
    let workers = Int(arguments[2]), workers > 0, let products = ProductPrecision(rawValue: arguments[3]),
    products.isForTraining
else {
    let usage = "usage: bench-ranker-training full|default WORKERS float32|bfloat16 [FILE]\n"
    FileHandle.standardError.write(Data(usage.utf8))
    exit(2)
}
let model = try RankerModel(full: arguments[1] == "full")
let share = (batch + workers - 1) / workers
let engine = try TrainingEngine(
    store: model.store,
    options: TrainingOptions(
        workers: workers, seed: 1, dense: Adam(), tables: SparseAdam(), schedule: ConstantRate(1e-3),
        products: products)
) { _, plan in model.record(plan, capacity: share) }

/// Inputs that are there before the first step: the measurement is of training, not of drawing numbers.
struct Batch: Sendable {
    var categorical: [Int32] = []
    var events: [Int32] = []
    var numeric: [Float] = []
    var labels: [Float] = []

    /// The batches of a file, each as 32-bit words: categorical tokens, those of events, numbers, labels.
    static func read(_ path: String, rows: Int) throws -> [Batch] {
        let words = try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes {
            Array($0.bindMemory(to: Int32.self))
        }
        let widths = [RankerModel.categorical, RankerModel.events * RankerModel.eventLookups, RankerModel.numeric, 1]
        let size = widths.reduce(0, +) * rows
        guard !words.isEmpty, words.count % size == 0 else { throw CocoaError(.fileReadCorruptFile) }
        return stride(from: 0, to: words.count, by: size).map { start in
            var place = start
            func take(_ width: Int) -> [Int32] {
                defer { place += width * rows }
                return Array(words[place..<place + width * rows])
            }
            func floats(_ words: [Int32]) -> [Float] { words.map { Float(bitPattern: UInt32(bitPattern: $0)) } }
            var batch = Batch()
            batch.categorical = take(widths[0])
            batch.events = take(widths[1])
            batch.numeric = floats(take(widths[2]))
            batch.labels = floats(take(widths[3]))
            return batch
        }
    }

    init() {}

    init(rows: Int, seed: UInt64) {
        var state = seed
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        for _ in 0..<rows * RankerModel.categorical {
            categorical.append(Int32(next() % UInt64(RankerModel.tableRows)))
        }
        for _ in 0..<rows * RankerModel.events * RankerModel.eventLookups {
            events.append(Int32(next() % UInt64(RankerModel.tableRows)))
        }
        for _ in 0..<rows * RankerModel.numeric { numeric.append(Float(next() % 1000) / 500 - 1) }
        for _ in 0..<rows { labels.append(Float(next() % 2)) }
    }
}

let batches =
    try arguments.count == 5
    ? Batch.read(arguments[4], rows: batch) : (0..<8).map { Batch(rows: batch, seed: UInt64($0 + 1)) }
let engineWorkers = workers
nonisolated(unsafe) var current = 0

let fill: TrainingEngine<RankerModel.Inputs>.Fill = { worker, plan, inputs in
    let data = batches[current % batches.count]
    let start = worker * batch / engineWorkers
    let rows = (worker + 1) * batch / engineWorkers - start
    try plan.setCount(inputs.rows, rows)
    try plan.setCount(inputs.events, rows * RankerModel.events)
    func copy<T>(_ from: [T], _ width: Int, to: UnsafeMutableBufferPointer<T>) {
        from.withUnsafeBufferPointer { source in
            to.baseAddress!.update(from: source.baseAddress! + start * width, count: rows * width)
        }
    }
    copy(data.categorical, RankerModel.categorical, to: plan.integers(inputs.categorical))
    copy(data.events, RankerModel.events * RankerModel.eventLookups, to: plan.integers(inputs.eventIDs))
    copy(data.numeric, RankerModel.numeric, to: plan.floats(inputs.numeric))
    copy(data.labels, 1, to: plan.floats(inputs.labels))
    let offsets = plan.integers(inputs.offsets)
    for row in 0...rows { offsets[row] = Int32(row * RankerModel.events) }
}

/// Processor time of all threads so far.
func processorSeconds() -> Double {
    Double(clock()) / Double(CLOCKS_PER_SEC)
}

while let line = readLine() {
    let steps = Int(line.split(separator: " ").last ?? "") ?? 10
    let begin = DispatchTime.now().uptimeNanoseconds
    let busy = processorSeconds()
    var loss: Float = 0
    for _ in 0..<steps {
        loss += try engine.step(fill).loss / Float(steps)
        current += 1
    }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
    let rows = Double(steps * batch)
    print("rows_per_second \(rows / seconds) per_processor_second \(rows / (processorSeconds() - busy)) loss \(loss)")
    fflush(nil)
}
