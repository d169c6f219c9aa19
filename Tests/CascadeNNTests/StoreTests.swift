import Foundation
import Testing

@testable import CascadeNN

/// A folder of its own that is removed at the end.
func withTemporaryFolder<T>(_ body: (String) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cascade-nn-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

@Suite struct StoreTests {
    func makeStore(seed: UInt64 = 1) throws -> (ParameterStore, Parameter, Table) {
        let store = ParameterStore()
        let w = try store.parameter("layer.weight", rows: 3, columns: 5)
        _ = try store.parameter("layer.bias", rows: 1, columns: 5, .constant(0.25))
        let table = try store.table("rows", rows: 7, dimension: 3)
        try store.allocate(seed: seed)
        return (store, w, table)
    }

    @Test func initialisersHaveTheirMoments() throws {
        let store = ParameterStore()
        let count = 200
        let kinds: [(Initialiser, mean: Double, deviation: Double, limit: Float)] = [
            (.zeros, 0, 0, 0), (.ones, 1, 0, 1), (.constant(-2), -2, 0, 2),
            (.uniform(0.5), 0, 0.5 / 3.0.squareRoot(), 0.5), (.normal(0.1), 0, 0.1, 1),
            (.truncatedNormal(0.1), 0, 0.1 * 0.8796, 0.2), (.he, 0, 0.1, 1),
            (.glorot, 0, (6.0 / 400).squareRoot() / 3.0.squareRoot(), 0.1225),
        ]
        let parameters = try kinds.enumerated().map {
            try store.parameter("p\($0)", rows: count, columns: count, $1.0)
        }
        try store.allocate(seed: 9)
        for (parameter, kind) in zip(parameters, kinds) {
            let weights = store.weights(parameter).map(Double.init)
            let mean = weights.reduce(0, +) / Double(weights.count)
            let variance = weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(weights.count)
            #expect(abs(mean - kind.mean) < 0.01, "\(kind.0)")
            #expect(abs(variance.squareRoot() - kind.deviation) <= 0.02 * kind.deviation, "\(kind.0)")
            #expect(weights.allSatisfy { abs($0) <= Double(kind.limit) }, "\(kind.0)")
        }
    }

    @Test func numbersDependOnSeedAndNameOnly() throws {
        let (a, w, table) = try makeStore(seed: 4)
        let other = ParameterStore()
        let otherTable = try other.table("rows", rows: 7, dimension: 3)
        let otherWeight = try other.parameter("layer.weight", rows: 3, columns: 5)
        try other.allocate(seed: 4)
        #expect(Array(a.weights(w)) == Array(other.weights(otherWeight)))
        #expect(Array(a.weights(table)) == Array(other.weights(otherTable)))
        let (b, _, _) = try makeStore(seed: 5)
        #expect(Array(a.weights(w)) != Array(b.weights(w)))
    }

    @Test func declarationsAreChecked() throws {
        let store = ParameterStore()
        _ = try store.parameter("a", rows: 1, columns: 1)
        #expect(throws: NNError.store("two tensors are named a; give each its own name")) {
            try store.table("a", rows: 1, dimension: 1)
        }
        #expect(throws: NNError.self) { try store.parameter("b", rows: 0, columns: 1) }
        try store.allocate(seed: 1)
        #expect(throws: NNError.self) { try store.parameter("c", rows: 1, columns: 1) }
        #expect(throws: NNError.self) { try store.allocate(seed: 1) }
    }

    @Test func checkpointsRoundTrip() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/weights.safetensors"
            let (store, w, table) = try makeStore()
            try store.save(to: path, metadata: ["model": "test"])
            let (other, otherW, otherTable) = try makeStore(seed: 2)
            #expect(Array(other.weights(otherW)) != Array(store.weights(w)))
            try other.load(from: path)
            #expect(Array(other.weights(otherW)) == Array(store.weights(w)))
            #expect(Array(other.weights(otherTable)) == Array(store.weights(table)))
            let file = try Checkpoint(path: path)
            #expect(file.metadata == ["model": "test"])
            #expect(file.shape("rows") == [7, 3])
            #expect(try file.values("layer.bias") == [Float](repeating: 0.25, count: 5))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["weights.safetensors"])
        }
    }

    @Test func mappedStoresInferAndAreNotTrained() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/weights.safetensors"
            let (store, w, _) = try makeStore()
            try store.save(to: path)
            let mapped = ParameterStore()
            let mappedW = try mapped.parameter("layer.weight", rows: 3, columns: 5)
            _ = try mapped.parameter("layer.bias", rows: 1, columns: 5)
            _ = try mapped.table("rows", rows: 7, dimension: 3)
            try mapped.allocate(mapping: Checkpoint(path: path))
            #expect(Array(mapped.weights(mappedW)) == Array(store.weights(w)))
            #expect(Int(bitPattern: mapped.weights(mappedW).baseAddress) % 64 == 0)
            let plan = Plan(store: mapped, mode: .inference)
            let rows = plan.dimension("rows", capacity: 2)
            let x = plan.input(rows, columns: 3)
            let y = plan.linear(x, plan.parameter(mappedW))
            try plan.seal()
            try plan.setCount(rows, 1)
            _ = plan.floats(x).update(from: [1, 0, 0])
            try plan.forward()
            #expect(plan.values(of: y) == Array(store.weights(w).prefix(5)))
            #expect(throws: NNError.self) {
                try TrainingEngine(
                    store: mapped,
                    options: .init(workers: 1, seed: 1, dense: SGD(), schedule: ConstantRate(1))
                ) { _, plan in ((), plan.sum(plan.parameter(mappedW))) }
            }
        }
    }

    /// Every cut and every kind of altered header is refused, and the weights stay as they were.
    @Test func damagedFilesAreRefused() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/weights.safetensors"
            let (store, w, _) = try makeStore()
            try store.save(to: path)
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            let before = Array(store.weights(w))
            func refuses(_ data: Data, _ what: String) throws {
                try data.write(to: URL(fileURLWithPath: path))
                let error = #expect(throws: NNError.self, "\(what)") { try store.load(from: path) }
                #expect(error?.description.contains(path) == true)
                #expect(Array(store.weights(w)) == before)
            }
            for length in [0, 7, 8, 40, good.count / 2, good.count - 1] {
                try refuses(good.prefix(length), "cut to \(length)")
            }
            try refuses(good + [0], "a byte too long")
            let replacements = [
                ("\"F32\"", "\"F16\""), ("[3,5]", "[5,3]"), ("[3,5]", "[3,6]"), ("layer.weight", "layer.weighs"),
                ("\"shape\"", "\"shaqe\""), ("[0,60]", "[4,64]"), ("{", "["),
            ]
            for (from, to) in replacements {
                var data = good
                let range = try #require(data.range(of: Data(from.utf8)), "the header has no \(from)")
                data.replaceSubrange(range, with: Data(to.utf8))
                try refuses(data, "\(from) to \(to)")
            }
            var huge = good
            huge.replaceSubrange(0..<8, with: Data(repeating: 0xFF, count: 8))
            try refuses(huge, "an impossible header length")
        }
    }

    @Test func missingAndSurplusTensorsAreNamed() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/weights.safetensors"
            let (store, _, _) = try makeStore()
            try store.save(to: path)
            let other = ParameterStore()
            _ = try other.parameter("layer.weight", rows: 3, columns: 5)
            _ = try other.parameter("extra", rows: 1, columns: 1)
            try other.allocate(seed: 1)
            let missing = #expect(throws: NNError.self) { try other.load(from: path) }
            #expect(missing?.description.contains("tensor extra") == true)
            let small = ParameterStore()
            _ = try small.parameter("layer.weight", rows: 3, columns: 5)
            try small.allocate(seed: 1)
            let surplus = #expect(throws: NNError.self) { try small.load(from: path) }
            #expect(surplus?.description.contains("tensor layer.bias") == true)
            #expect(throws: NNError.self) { try Checkpoint(path: folder + "/none") }
            #expect(throws: NNError.self) { try store.save(to: folder + "/no/such/folder") }
        }
    }
}
