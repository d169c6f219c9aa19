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
    /// Negatives that a row has, about.
    let negatives: Int
    /// [items] correction of each item as a negative.
    private let logQ: [Float]

    /// - Parameter rows: targets of a worker's step.
    init(_ settings: RetrievalSettings, _ loss: any RetrievalLoss.Type, _ data: TrainingData, rows: Int) {
        self.settings = settings
        self.loss = loss
        let counts = Self.counts(data)
        pool = counts.indices.filter { counts[$0] > 0 }.map { Int32($0) }
        negatives =
            switch loss.negatives {
            case .everyItem: pool.count - 1
            case .sampled:
                min(pool.count - 1, settings.uniformNegatives + (settings.inBatchNegatives ? rows - 1 : 0))
            }
        let inclusion = Self.inclusion(settings, counts, rows: rows, drawnFrom: pool.count)
        logQ =
            switch loss.correction {
            case .none: [Float](repeating: 0, count: counts.count)
            case .inclusion: inclusion
            case .share:
                { columns in inclusion.map { $0 - Float(columns) } }(
                    log(pool.reduce(0) { $0 + exp(Double(inclusion[Int($1)])) }))
            }
    }

    /// Most columns of a worker with `rows` targets.
    ///
    /// - Parameter steps: steps of pasts that are items of the batch too.
    func capacity(rows: Int, steps: Int) -> Int {
        loss.negatives == .everyItem ? pool.count : min(logQ.count, rows + steps + settings.uniformNegatives)
    }

    /// Adds the negatives to a batch that holds the targets; returns the correction of each of its items.
    func draw(into assembler: BatchAssembler, random: inout SeededRandom) -> [Float] {
        if loss.negatives == .everyItem {
            for item in pool { assembler.addItem(item) }
            return [Float](repeating: 0, count: assembler.batch.items.count)
        }
        let drawn = (0..<settings.uniformNegatives).map { _ in assembler.addItem(pool[random.below(pool.count)]) }
        guard !settings.inBatchNegatives else {
            return assembler.batch.catalogRow.map { logQ[Int($0)] }
        }
        // An infinite correction takes a column out.
        var corrections = [Float](repeating: .infinity, count: assembler.batch.items.count)
        for column in drawn { corrections[Int(column)] = 0 }
        return corrections
    }

    /// [items] how often each was met.
    private static func counts(_ data: TrainingData) -> [Double] {
        var counts = [Double](repeating: 0, count: data.retrievalItems.count)
        for item in data.log.item { counts[Int(item)] += 1 }
        return counts
    }

    /// Log of the probability that an item is among the columns:
    /// `1 − (1 − q_j)^B (1 − 1/I)^N` for an item of share q_j among I, with B targets and N uniform draws.
    private static func inclusion(
        _ settings: RetrievalSettings, _ counts: [Double], rows: Int, drawnFrom items: Int
    ) -> [Float] {
        let total = max(1, counts.reduce(0, +))
        let drawn = Double(settings.uniformNegatives)
        return counts.map { count in
            let absent =
                Double(rows) * log1p(-min(count / total, 0.999_999))
                + drawn * log1p(-min(1 / Double(max(1, items)), 0.999_999))
            return Float(log(max(-expm1(absent), 1e-10)))
        }
    }
}
