import Foundation

/// A trace as JSON text: what its `Codable` form gives, with the candidates, of which there are hundreds, written straight into bytes.
package enum TraceJSON {
    /// The text; the members of an object are in no order.
    ///
    /// - Throws: `EncodingError` for a number that is not finite, which JSON cannot hold.
    package static func text(of trace: PipelineTrace) throws -> String {
        var shell = trace
        shell.candidates = []
        let around = try JSONEncoder().encode(shell)
        // Quotation marks within texts are escaped, so this stands nowhere else.
        guard let place = around.range(of: Data(#""candidates":[]"#.utf8)) else {
            return String(decoding: try JSONEncoder().encode(trace), as: UTF8.self)
        }
        var bytes = JSONBytes(capacity: around.count + 160 * trace.candidates.count)
        bytes.append(contentsOf: around[around.startIndex..<place.upperBound - 1])
        for (index, candidate) in trace.candidates.enumerated() {
            if index > 0 { bytes.append(",") }
            try write(candidate, into: &bytes)
        }
        bytes.append(contentsOf: around[(place.upperBound - 1)...])
        return bytes.text
    }

    private static func write(_ candidate: CandidateTrace, into bytes: inout JSONBytes) throws {
        bytes.append("{\"item_id\":")
        bytes.append(text: candidate.itemID)
        if let row = candidate.row { bytes.append(",\"row\":", integer: Int(row)) }
        if let creator = candidate.creator { bytes.append(",\"creator\":", integer: Int(creator)) }
        if let categories = candidate.categories {
            bytes.append(",\"categories\":")
            bytes.append(list: categories) { bytes, category in bytes.append("", integer: Int(category)) }
        }
        bytes.append(",\"sources\":")
        try bytes.append(list: candidate.sources) { bytes, mark in try write(mark, into: &bytes) }
        if let score = candidate.retrievalScore { try bytes.append(",\"retrieval_score\":", number: score) }
        bytes.append(",\"heads\":{")
        var isFirst = true
        try candidate.heads.forEach { name, value in
            if !isFirst { bytes.append(",") }
            isFirst = false
            bytes.append(text: name)
            try bytes.append(":", number: value)
        }
        bytes.append("}")
        if let score = candidate.weightedScore { try bytes.append(",\"weighted_score\":", number: score) }
        if let share = candidate.diversityMultiplier { try bytes.append(",\"diversity_multiplier\":", number: share) }
        if let score = candidate.finalScore { try bytes.append(",\"final_score\":", number: score) }
        if let position = candidate.position { bytes.append(",\"position\":", integer: position) }
        if let filter = candidate.removedBy {
            bytes.append(",\"removed_by\":")
            bytes.append(text: filter)
        }
        if let stage = candidate.removedStage {
            bytes.append(",\"removed_stage\":")
            bytes.append(text: stage.rawValue)
        }
        if let propensity = candidate.propensity { try bytes.append(",\"propensity\":", number: propensity) }
        bytes.append("}")
    }

    private static func write(_ mark: SourceMark, into bytes: inout JSONBytes) throws {
        bytes.append("{\"name\":")
        bytes.append(text: mark.name)
        bytes.append(",\"rank\":", integer: mark.rank)
        try bytes.append(",\"score\":", number: mark.score)
        if let because = mark.because {
            bytes.append(",\"because\":")
            bytes.append(text: because)
        }
        if let interest = mark.interest {
            bytes.append(",\"interest\":{\"cluster\":", integer: Int(interest.cluster))
            if let name = interest.name {
                bytes.append(",\"name\":")
                bytes.append(text: name)
            }
            bytes.append(",\"rank\":", integer: interest.rank)
            try bytes.append(",\"probability\":", number: interest.probability)
            bytes.append(",\"because\":")
            bytes.append(list: interest.because) { bytes, item in bytes.append(text: item) }
            bytes.append("}")
        }
        bytes.append("}")
    }
}
