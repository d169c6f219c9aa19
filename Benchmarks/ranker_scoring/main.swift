// Scores 500 candidates of one request as a service does. Writes weights, the encoded request and its probabilities to a
// file, prints "ready", then answers each line of its input with the milliseconds of a request, so that a driver can
// alternate it with other frameworks on the same machine.
//
//   bench-ranker-scoring full|default float32|bfloat16x3|bfloat16|int8 ITEM_BYTES REQUESTS FILE
import BenchmarkSupport
import CascadeFeatures
import CascadeNN
import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 6, ["full", "default"].contains(arguments[1]),
    let products = ProductPrecision(rawValue: arguments[2]), let itemBytes = Int(arguments[3]),
    let requests = Int(arguments[4]), requests > 0
else {
    let usage = "usage: bench-ranker-scoring full|default float32|bfloat16x3|bfloat16|int8 ITEM_BYTES REQUESTS FILE\n"
    FileHandle.standardError.write(Data(usage.utf8))
    exit(2)
}

let world = try ScoringWorld(full: arguments[1] == "full", itemBytes: itemBytes, products: products, seed: 1)

/// What the other side computes the same from.
func writeRequest(to path: String) throws {
    let assembler = BatchAssembler(map: world.map, space: world.map.ranker, items: world.encodedItems)
    world.withPast { past in
        _ = assembler.addContext(users: world.encodedUsers, row: 0, history: past, at: ScoringWorld.moment)
    }
    for item in world.candidateRows { assembler.addRow(context: 0, item: item, counters: nil) }
    let batch = assembler.batch
    var file = ArrayFile()
    file.add("user_lookups", batch.users.lookups)
    file.add("user_numbers", batch.users.numeric)
    file.add("item_lookups", batch.items.lookups)
    file.add("item_numbers", batch.items.numeric)
    file.add("step_item", batch.historyItem)
    file.add("step_code", batch.historyCode)
    file.add("step_age", batch.historyAge)
    file.add("row_item", batch.rowItem)
    file.add("probabilities", try world.score())
    for parameter in world.store.parameters { file.add(parameter.name, world.store.weights(parameter)) }
    for table in world.store.tables { file.add(table.name, world.store.weights(table)) }
    try file.write(to: path)
}

try writeRequest(to: arguments[5])
print("ready")
fflush(nil)
while readLine() != nil {
    let start = ContinuousClock.now
    for _ in 0..<requests { _ = try world.score() }
    let milliseconds = (ContinuousClock.now - start) / .milliseconds(requests)
    print("milliseconds \(milliseconds)")
    fflush(nil)
}
