/// The candidates of a trace in columns: an object with a list a member, in the order of the candidates, which is less than half as
/// long as an object a candidate.
///
/// A list ends with the last candidate that has the member and holds null for those before it that do not; a member that nobody has
/// is left out. `heads` holds a list a head. `sources` holds the sources' names and, a candidate, its marks:
/// `[place of the name, rank, score, because, interest]` without what is missing at the end.
enum TraceColumns {
    /// Read in place: a candidate that is handed on is copied with all that it holds, once a column.
    private typealias Candidates = UnsafeBufferPointer<CandidateTrace>
    private typealias Place = UnsafePointer<CandidateTrace>

    static func write(_ candidates: [CandidateTrace], into bytes: inout JSONBytes) throws {
        try candidates.withUnsafeBufferPointer { try write($0, into: &bytes) }
    }

    private static func write(_ candidates: Candidates, into bytes: inout JSONBytes) throws {
        bytes.append("{\"item_id\":[")
        for place in candidates.indices {
            if place > 0 { bytes.append(",") }
            bytes.append(text: candidates[place].itemID)
        }
        bytes.append("]")
        column(",\"row\":", candidates, { $0.pointee.row }, into: &bytes) { $0.append("", integer: Int($1)) }
        column(",\"creator\":", candidates, { $0.pointee.creator }, into: &bytes) { $0.append("", integer: Int($1)) }
        column(",\"categories\":", candidates, { $0.pointee.categories }, into: &bytes) { bytes, categories in
            bytes.append(list: categories) { $0.append("", integer: Int($1)) }
        }
        try writeSources(candidates, into: &bytes)
        try number(",\"retrieval_score\":", candidates, { $0.pointee.retrievalScore }, into: &bytes)
        try writeHeads(candidates, into: &bytes)
        try number(",\"weighted_score\":", candidates, { $0.pointee.weightedScore }, into: &bytes)
        try number(",\"diversity_multiplier\":", candidates, { $0.pointee.diversityMultiplier }, into: &bytes)
        try number(",\"final_score\":", candidates, { $0.pointee.finalScore }, into: &bytes)
        column(",\"position\":", candidates, { $0.pointee.position }, into: &bytes) { $0.append("", integer: $1) }
        column(",\"removed_by\":", candidates, { $0.pointee.removedBy }, into: &bytes) { $0.append(text: $1) }
        column(",\"removed_stage\":", candidates, { $0.pointee.removedStage }, into: &bytes) {
            $0.append(text: $1.rawValue)
        }
        try number(",\"propensity\":", candidates, { $0.pointee.propensity }, into: &bytes)
        bytes.append("}")
    }

    @inline(__always)
    private static func column<Value>(
        _ name: StaticString, _ candidates: Candidates, _ value: (Place) -> Value?,
        into bytes: inout JSONBytes, _ write: (inout JSONBytes, Value) throws -> Void
    ) rethrows {
        guard let first = candidates.baseAddress,
            let last = candidates.indices.last(where: { value(first + $0) != nil })
        else { return }
        bytes.append(name)
        bytes.append("[")
        for place in 0...last {
            if place > 0 { bytes.append(",") }
            if let value = value(first + place) { try write(&bytes, value) } else { bytes.append("null") }
        }
        bytes.append("]")
    }

    @inline(__always)
    private static func number<Number: BinaryFloatingPoint & LosslessStringConvertible>(
        _ name: StaticString, _ candidates: Candidates, _ value: (Place) -> Number?,
        into bytes: inout JSONBytes
    ) throws {
        try column(name, candidates, value, into: &bytes) { try $0.append("", number: $1) }
    }

    private static func writeHeads(_ candidates: Candidates, into bytes: inout JSONBytes) throws {
        var names: [String] = []
        for place in candidates.indices where !candidates[place].heads.names.allSatisfy(names.contains) {
            for name in candidates[place].heads.names where !names.contains(name) { names.append(name) }
        }
        names.removeAll { name in candidates.indices.allSatisfy { candidates[$0].heads[name] == nil } }
        bytes.append(",\"heads\":{")
        for (place, name) in names.enumerated() {
            if place > 0 { bytes.append(",") }
            bytes.append(text: name)
            try number(":", candidates, { $0.pointee.heads[name] }, into: &bytes)
        }
        bytes.append("}")
    }

    private static func writeSources(_ candidates: Candidates, into bytes: inout JSONBytes) throws {
        var names: [String] = []
        bytes.append(",\"sources\":{\"marks\":[")
        for place in candidates.indices {
            if place > 0 { bytes.append(",") }
            try bytes.append(list: candidates[place].sources) { bytes, mark in
                let name = names.firstIndex(of: mark.name) ?? names.count
                if name == names.count { names.append(mark.name) }
                try write(mark, named: name, into: &bytes)
            }
        }
        bytes.append("],\"names\":")
        bytes.append(list: names) { $0.append(text: $1) }
        bytes.append("}")
    }

    private static func write(_ mark: SourceMark, named place: Int, into bytes: inout JSONBytes) throws {
        bytes.append("[", integer: place)
        bytes.append(",", integer: mark.rank)
        try bytes.append(",", number: mark.score)
        if let because = mark.because {
            bytes.append(",")
            bytes.append(text: because)
        }
        if let interest = mark.interest {
            bytes.append(mark.because == nil ? ",null," : ",")
            try write(interest, into: &bytes)
        }
        bytes.append("]")
    }

    private static func write(_ interest: InterestMark, into bytes: inout JSONBytes) throws {
        bytes.append("{\"cluster\":", integer: Int(interest.cluster))
        if let name = interest.name {
            bytes.append(",\"name\":")
            bytes.append(text: name)
        }
        bytes.append(",\"rank\":", integer: interest.rank)
        try bytes.append(",\"probability\":", number: interest.probability)
        bytes.append(",\"because\":")
        bytes.append(list: interest.because) { $0.append(text: $1) }
        bytes.append("}")
    }
}
