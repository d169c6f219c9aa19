import CascadeCore
import CascadeFeatures
import CascadeModels
import Foundation

/// The columns of a retrieval loss: the items of the batch and negatives, with the correction of each.
struct RetrievalColumns: Sendable {
    private let settings: RetrievalSettings
    private let loss: any RetrievalLoss.Type
    /// The items that negatives are drawn from: those that somebody met. Items that nobody could choose yet would
    /// otherwise be learned as unwanted, and with them what they have in common, that their identifier says nothing.
    let pool: [Int32]
    private let itemCount: Int
    /// Negatives that a row has, about.
    let negatives: Int
    private let probability: SamplingProbability
    private var source: CorrectionSource

    private enum CorrectionSource {
        /// [items] correction of each item as a negative.
        case table([Float])
        case sketch(TargetSketch)
    }

    /// - Parameters:
    ///   - examples: what is learned from; nil: every row of `data` is.
    ///   - rows: targets of a worker's step.
    ///   - epoch: targets of an epoch.
    init(
        _ settings: RetrievalSettings, _ loss: any RetrievalLoss.Type, _ data: TrainingData,
        examples: (any RetrievalExamples)? = nil, rows: Int, epoch: Int, seed: UInt64
    ) throws {
        self.settings = settings
        self.loss = loss
        let met = Self.counts(data, 0..<data.log.count)
        itemCount = met.count
        pool = met.indices.filter { met[$0] > 0 }.map { Int32($0) }
        // What is in a batch are the rows of examples, also those that were learned from before and count nothing as targets.
        let counts =
            data.learned == nil
            ? met : examples.map { all in Self.counts(data, (0..<all.count).lazy.flatMap(all.rows(of:))) } ?? met
        negatives =
            switch loss.negatives {
            case .everyItem: pool.count - 1
            case .sampled:
                min(pool.count - 1, settings.uniformNegatives + (settings.inBatchNegatives ? rows - 1 : 0))
            }
        probability = SamplingProbability(
            draws: settings.uniformNegatives, items: max(1, pool.count), targets: rows)
        source =
            switch (loss.correction, settings.itemFrequencies) {
            case (.none, _): .table([Float](repeating: 0, count: counts.count))
            case (.inclusion, .exact): .table(Self.inclusion(probability, counts))
            case (.share, .exact): .table(Self.shares(Self.inclusion(probability, counts), of: pool))
            case (_, .sketch): .sketch(try TargetSketch(epoch: epoch, seed: seed))
            }
    }

    /// Counts targets of the step that is to be drawn; counts of the whole period know them already.
    mutating func observe(_ targets: some Collection<Int32>) {
        guard case .sketch(var sketch) = source else { return }
        // So that the counters have one owner and are changed where they are.
        source = .table([])
        sketch.add(targets)
        source = .sketch(sketch)
    }

    /// Most columns of a worker with `rows` targets.
    ///
    /// - Parameter steps: steps of pasts that are items of the batch too.
    func capacity(rows: Int, steps: Int) -> Int {
        loss.negatives == .everyItem ? pool.count : min(itemCount, rows + steps + settings.uniformNegatives)
    }

    /// Adds the negatives to a batch that holds the targets; returns the correction of each of its items.
    func draw(into assembler: BatchAssembler, random: inout SeededRandom) -> [Float] {
        if loss.negatives == .everyItem {
            for item in pool { assembler.addItem(item) }
            return [Float](repeating: 0, count: assembler.batch.items.count)
        }
        let drawn = (0..<settings.uniformNegatives).map { _ in assembler.addItem(pool[random.below(pool.count)]) }
        guard !settings.inBatchNegatives else {
            return corrections(of: assembler.batch.catalogRow)
        }
        // An infinite correction takes a column out.
        var corrections = [Float](repeating: .infinity, count: assembler.batch.items.count)
        for column in drawn { corrections[Int(column)] = 0 }
        return corrections
    }

    /// The corrections of the columns of a batch, as rows of the catalog.
    func corrections(of columns: [Int32]) -> [Float] {
        switch source {
        case .table(let logQ): return columns.map { logQ[Int($0)] }
        case .sketch(let sketch):
            // The columns that a batch has on average are what the probabilities of all items sum to; those of this one
            // stand for them, since a sketch does not know its items.
            let all = loss.correction == .share ? Float(log(Double(max(1, columns.count)))) : 0
            return columns.map { probability.log(share: sketch.share($0)) - all }
        }
    }

    /// [items] how often each was met.
    private static func counts(_ data: TrainingData, _ rows: some Sequence<Int>) -> [Double] {
        var counts = [Double](repeating: 0, count: data.retrievalItems.count)
        for row in rows { counts[Int(data.log.item[row])] += 1 }
        return counts
    }

    private static func inclusion(_ probability: SamplingProbability, _ counts: [Double]) -> [Float] {
        let total = max(1, counts.reduce(0, +))
        return counts.map { probability.log(share: $0 / total) }
    }

    /// - Parameter pool: the items that can be columns.
    private static func shares(_ inclusion: [Float], of pool: [Int32]) -> [Float] {
        let columns = log(pool.reduce(0) { $0 + exp(Double(inclusion[Int($1)])) })
        return inclusion.map { $0 - Float(columns) }
    }
}
