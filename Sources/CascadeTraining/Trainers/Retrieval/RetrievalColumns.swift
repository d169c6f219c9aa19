import CascadeCore
import CascadeFeatures
import CascadeModels
import Foundation

/// The columns of a retrieval loss: the items of the batch and negatives, with the correction of each.
struct RetrievalColumns: Sendable {
    private let settings: RetrievalSettings
    private let loss: any RetrievalLoss.Type
    private let items: Int
    /// [items] correction of each item as a negative.
    private let logQ: [Float]

    /// - Parameter rows: targets of a worker's step.
    init(_ settings: RetrievalSettings, _ loss: any RetrievalLoss.Type, _ data: TrainingData, rows: Int) {
        self.settings = settings
        self.loss = loss
        items = data.retrievalItems.count
        let inclusion = Self.inclusion(settings, data, rows: rows)
        logQ =
            switch loss.correction {
            case .none: [Float](repeating: 0, count: items)
            case .inclusion: inclusion
            case .share:
                { columns in inclusion.map { $0 - Float(columns) } }(log(inclusion.reduce(0) { $0 + exp(Double($1)) }))
            }
    }

    /// Most columns of a worker with `rows` targets.
    ///
    /// - Parameter steps: steps of pasts that are items of the batch too.
    func capacity(rows: Int, steps: Int) -> Int {
        loss.negatives == .everyItem ? items : min(items, rows + steps + settings.uniformNegatives)
    }

    /// Negatives that a row with `rows - 1` others has, about.
    func negatives(rows: Int) -> Int {
        switch loss.negatives {
        case .everyItem: items - 1
        case .sampled: min(items - 1, settings.uniformNegatives + (settings.inBatchNegatives ? rows - 1 : 0))
        }
    }

    /// Adds the negatives to a batch that holds the targets; returns the correction of each of its items.
    func draw(into assembler: BatchAssembler, random: inout SeededRandom) -> [Float] {
        if loss.negatives == .everyItem {
            for item in 0..<items { assembler.addItem(Int32(item)) }
            return [Float](repeating: 0, count: assembler.batch.items.count)
        }
        let drawn = (0..<settings.uniformNegatives).map { _ in assembler.addItem(Int32(random.below(items))) }
        guard !settings.inBatchNegatives else {
            return assembler.batch.catalogRow.map { logQ[Int($0)] }
        }
        // An infinite correction takes a column out.
        var corrections = [Float](repeating: .infinity, count: assembler.batch.items.count)
        for column in drawn { corrections[Int(column)] = 0 }
        return corrections
    }

    /// Log of the probability that an item is among the columns:
    /// `1 − (1 − q_j)^B (1 − 1/I)^N` for an item of share q_j among I, with B targets and N uniform draws.
    private static func inclusion(_ settings: RetrievalSettings, _ data: TrainingData, rows: Int) -> [Float] {
        var counts = [Double](repeating: 0, count: data.retrievalItems.count)
        for item in data.log.item { counts[Int(item)] += 1 }
        let total = Double(max(1, data.log.count))
        let items = Double(counts.count)
        let drawn = Double(settings.uniformNegatives)
        return counts.map { count in
            let absent =
                Double(rows) * log1p(-min(count / total, 0.999_999)) + drawn * log1p(-min(1 / items, 0.999_999))
            return Float(log(max(-expm1(absent), 1e-10)))
        }
    }
}
