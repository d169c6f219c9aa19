/// The share of samples that are smaller, between quantiles interpolated: one column from 0 to 1.
package struct EmpiricalDistribution: NumberEncoding {
    package var edges: [Float]
    /// [edges] the share of samples below each.
    package var shares: [Float]

    static func fit(_ samples: NumberSamples, bins: Int) -> EmpiricalDistribution {
        let edges = samples.quantiles(bins: bins)
        let sorted = samples.values.sorted()
        let last = Float(max(1, sorted.count - 1))
        // Where many samples are equal, an edge stands for the middle of them.
        let shares = edges.map { edge in
            let below = sorted.partitioningIndex { $0 >= edge }
            let through = sorted.partitioningIndex { $0 > edge }
            return (Float(below) + Float(max(through - 1, below))) / 2 / last
        }
        return .init(edges: edges, shares: shares)
    }

    var isConsistent: Bool { shares.count == edges.count && shares.allSatisfy(\.isFinite) }

    var columns: Int { edges.isEmpty ? 0 : 1 }

    func encode(_ value: Float, into output: UnsafeMutablePointer<Float>) {
        guard let first = edges.first, let last = edges.last else { return }
        if value <= first {
            output[0] = value < first ? 0 : shares[0]
        } else if value >= last {
            output[0] = value > last ? 1 : shares[shares.count - 1]
        } else {
            let above = edges.partitioningIndex { $0 > value }
            let part = (value - edges[above - 1]) / (edges[above] - edges[above - 1])
            output[0] = shares[above - 1] + part * (shares[above] - shares[above - 1])
        }
    }
}

extension Array {
    /// The first index whose element, as all behind it, fulfils `predicate`; `count` where none does.
    ///
    /// - Complexity: O(log n).
    func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
