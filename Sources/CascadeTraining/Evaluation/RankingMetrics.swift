/// Metrics of predicted probabilities against binary labels.
package enum RankingMetrics {
    /// Area under the ROC curve; equal scores count half. Nil where one class is missing.
    ///
    /// - Complexity: O(n log n).
    package static func auc(scores: [Float], labels: [Bool]) -> Double? {
        auc(scores: scores, labels: labels, rows: Array(scores.indices))
    }

    /// Mean negative log likelihood, probabilities kept 1e-7 off 0 and 1. Nil for no rows.
    package static func logLoss(scores: [Float], labels: [Bool]) -> Double? {
        guard !scores.isEmpty else { return nil }
        var total = 0.0
        for (score, label) in zip(scores, labels) {
            let kept = min(max(Double(score), 1e-7), 1 - 1e-7)
            total -= naturalLog(label ? kept : 1 - kept)
        }
        return total / Double(scores.count)
    }

    /// AUC within each group (a user), averaged with the groups' rows as weights; groups of one class are left out.
    package static func groupedAUC(scores: [Float], labels: [Bool], groups: [Int32]) -> (auc: Double, groups: Int)? {
        var rowsOf: [Int32: [Int]] = [:]
        for (row, group) in groups.enumerated() { rowsOf[group, default: []].append(row) }
        var sum = 0.0
        var weight = 0.0
        var counted = 0
        for group in rowsOf.keys.sorted() {
            guard let rows = rowsOf[group], let value = auc(scores: scores, labels: labels, rows: rows) else {
                continue
            }
            sum += value * Double(rows.count)
            weight += Double(rows.count)
            counted += 1
        }
        return weight > 0 ? (sum / weight, counted) : nil
    }

    private static func auc(scores: [Float], labels: [Bool], rows: [Int]) -> Double? {
        let order = rows.sorted { scores[$0] < scores[$1] }
        var positives = 0.0
        var rankSum = 0.0
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
            let rank = Double(start + end + 1) / 2
            for index in start..<end where labels[order[index]] {
                positives += 1
                rankSum += rank
            }
            start = end
        }
        let negatives = Double(order.count) - positives
        guard positives > 0, negatives > 0 else { return nil }
        return (rankSum - positives * (positives + 1) / 2) / (positives * negatives)
    }
}
