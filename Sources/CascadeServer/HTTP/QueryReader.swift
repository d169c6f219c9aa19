import Foundation

/// Reads the parameters of a query and notes each problem; parameters nobody read are problems too.
final class QueryReader {
    let problems: Problems
    private var values: [String: String] = [:]
    private var known: Set<String> = []

    /// Takes the part of the URI after `?`.
    init(_ query: String?, problems: Problems) {
        self.problems = problems
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = String(pair[0]).removingPercentEncoding,
                let value = pair.count > 1 ? String(pair[1]).removingPercentEncoding : ""
            else {
                problems.add("/query", "invalid", "the query is not percent-encoded UTF-8")
                continue
            }
            if values.updateValue(value, forKey: name) != nil {
                problems.add(place(name), "invalid", "is given twice")
            }
        }
    }

    /// The parameter's text, or nil when it is absent.
    func text(_ name: String) -> String? {
        known.insert(name)
        return values[name]
    }

    /// A whole number within `range`.
    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(name) else { return nil }
        guard let value = Int(text) else {
            problems.add(place(name), "wrong_type", "must be a whole number")
            return nil
        }
        guard range.contains(value) else {
            problems.add(place(name), "out_of_range", "must be from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    /// `true` or `false`.
    func flag(_ name: String) -> Bool? {
        guard let text = text(name) else { return nil }
        if let value = Bool(text) { return value }
        problems.add(place(name), "wrong_type", "must be true or false")
        return nil
    }

    /// Texts separated by commas, none of them empty; `\\,` is a comma that belongs to a text.
    func texts(_ name: String, maximumCount: Int, maximumBytes: Int = 256) -> [String]? {
        guard let text = text(name) else { return nil }
        var texts = [""]
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            if scalar == "," {
                texts.append("")
            } else if scalar == "\\", rest.first == "," {
                texts[texts.count - 1].unicodeScalars.append(rest.removeFirst())
            } else {
                texts[texts.count - 1].unicodeScalars.append(scalar)
            }
        }
        if texts.count > maximumCount {
            problems.add(place(name), "out_of_range", "must have at most \(maximumCount) parts")
        } else if texts.contains("") {
            problems.add(place(name), "invalid", "must not have an empty part")
        } else if texts.contains(where: { $0.utf8.count > maximumBytes }) {
            problems.add(place(name), "too_long", "must have parts of at most \(maximumBytes) bytes")
        } else {
            return texts
        }
        return nil
    }

    /// Adds a problem for each parameter that nothing has read; call it after all reads.
    func refuseUnknown() {
        for name in values.keys.sorted() where !known.contains(name) {
            let names = known.isEmpty ? "this path takes none" : "known are: \(known.sorted().joined(separator: ", "))"
            problems.add(place(name), "unknown_parameter", "is not known here; \(names)")
        }
    }

    /// The pointer by which a problem names parameter `name`.
    func place(_ name: String) -> String { JSONPointer.member(name, of: "/query") }
}
