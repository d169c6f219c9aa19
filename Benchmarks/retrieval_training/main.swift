// Trains a retrieval model as `cascade train` does. Writes data and weights to a file, prints "loss L" of `StepZero`, then
// answers each line of its input with the targets per second of one epoch, so that a driver can alternate it with
// another framework on the same machine.
//
//   bench-retrieval-training TOWER WORKERS FILE
import CascadeModels
import CascadeTraining
import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 4, let workers = Int(arguments[2]), workers > 0 else {
    FileHandle.standardError.write(Data("usage: bench-retrieval-training TOWER WORKERS FILE\n".utf8))
    exit(2)
}

var settings = RetrievalSettings()
settings.userTower = arguments[1]
settings.userID = true
settings.layers = 2
settings.hidden = settings.userTower == "sasrec" ? settings.dimension : 128
settings.epochs = 1000
let data = try SyntheticLog.make(settings, seed: 1)
let trainer = RetrievalTrainer(settings: settings, seed: 1, workers: workers)
print("loss \(try StepZero.write(data, settings, seed: 1, to: arguments[3]))")
fflush(nil)

/// The driver has closed the input.
struct Ended: Error {}

/// Processor time of all threads so far.
func processorSeconds() -> Double {
    Double(clock()) / Double(CLOCKS_PER_SEC)
}

func waitForLine() throws {
    guard readLine() != nil else { throw Ended() }
}

do {
    try waitForLine()
    var start = ContinuousClock.now
    var busy = processorSeconds()
    _ = try trainer.train(
        data,
        epochEnd: { epoch in
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let targets = Double(epoch.targets)
            print(
                "targets_per_second \(targets / seconds) per_processor_second \(targets / (processorSeconds() - busy)) "
                    + "loss \(epoch.loss)")
            fflush(nil)
            try waitForLine()
            start = .now
            busy = processorSeconds()
        })
} catch is Ended {}
