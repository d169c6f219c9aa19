/// The candidates of a trace in columns: an object with a list a member, in the order of the candidates, which is less than half as
/// long as an object a candidate.
///
/// A list ends with the last candidate that has the member and holds null for those before it that do not; a member that nobody has
/// is left out. `heads` holds a list a head. `sources` holds the sources' names and, a candidate, its marks:
/// `[place of the name, rank, score, because, interest]` without what is missing at the end.
enum TraceColumns {
    static func write<Source: TraceColumnSource>(_ source: Source, into bytes: inout JSONBytes) throws {
        let places = 0..<source.count
        bytes.append("{\"item_id\":[")
        for place in places {
            if place > 0 { bytes.append(",") }
            bytes.append(text: source.itemID(at: place))
        }
        bytes.append("]")
        column(",\"row\":", places, source.row, into: &bytes) { $0.append("", integer: Int($1)) }
        column(",\"creator\":", places, source.creator, into: &bytes) { $0.append("", integer: Int($1)) }
        column(",\"categories\":", places, source.categories, into: &bytes) { bytes, categories in
            bytes.append(list: categories) { $0.append("", integer: Int($1)) }
        }
        try writeSources(source, into: &bytes)
        try number(",\"retrieval_score\":", places, source.retrievalScore, into: &bytes)
        try writeHeads(source, into: &bytes)
        try number(",\"weighted_score\":", places, source.weightedScore, into: &bytes)
        try number(",\"diversity_multiplier\":", places, source.diversityMultiplier, into: &bytes)
        try number(",\"final_score\":", places, source.finalScore, into: &bytes)
        column(",\"position\":", places, source.position, into: &bytes) { $0.append("", integer: $1) }
        column(",\"removed_by\":", places, source.removedBy, into: &bytes) { $0.append(text: $1) }
        column(",\"removed_stage\":", places, source.removedStage, into: &bytes) { $0.append(text: $1.rawValue) }
        try number(",\"propensity\":", places, source.propensity, into: &bytes)
        bytes.append("}")
    }

    @inline(__always)
    private static func column<Value>(
        _ name: StaticString, _ places: Range<Int>, _ value: (Int) -> Value?,
        into bytes: inout JSONBytes, _ write: (inout JSONBytes, Value) throws -> Void
    ) rethrows {
        guard let last = places.last(where: { value($0) != nil }) else { return }
        bytes.append(name)
        bytes.append("[")
        for place in 0...last {
            if place > 0 { bytes.append(",") }
            if let value = value(place) { try write(&bytes, value) } else { bytes.append("null") }
        }
        bytes.append("]")
    }

    @inline(__always)
    private static func number<Number: BinaryFloatingPoint & LosslessStringConvertible>(
        _ name: StaticString, _ places: Range<Int>, _ value: (Int) -> Number?, into bytes: inout JSONBytes
    ) throws {
        try column(name, places, value, into: &bytes) { try $0.append("", number: $1) }
    }

    private static func writeHeads<Source: TraceColumnSource>(_ source: Source, into bytes: inout JSONBytes) throws {
        let places = 0..<source.count
        var isFirst = true
        bytes.append(",\"heads\":{")
        for (head, name) in source.headNames.enumerated()
        where places.contains(where: { source.head(head, at: $0) != nil }) {
            if !isFirst { bytes.append(",") }
            isFirst = false
            bytes.append(text: name)
            try number(":", places, { source.head(head, at: $0) }, into: &bytes)
        }
        bytes.append("}")
    }

    private static func writeSources<Source: TraceColumnSource>(_ source: Source, into bytes: inout JSONBytes) throws {
        var names: [String] = []
        bytes.append(",\"sources\":{\"marks\":[")
        for place in 0..<source.count {
            if place > 0 { bytes.append(",") }
            try bytes.append(list: source.sources(at: place)) { bytes, mark in
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
