/// The pieces of Prometheus' text exposition format, version 0.0.4.
package enum PrometheusText {
    /// The media type of an exposition.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// A number as the format writes it: integers without a fraction, `+Inf`, `-Inf`, `NaN`.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return String(value)
    }

    /// `name="value",…`; backslashes, quotes and line ends of the values are escaped.
    static func labels(_ names: [String], _ values: [String]) -> String {
        zip(names, values).map { "\($0)=\"\(escaped($1, quotes: true))\"" }.joined(separator: ",")
    }

    /// The two lines that introduce a family.
    static func header(of metric: Metric) -> String {
        "# HELP \(metric.name) \(escaped(metric.help, quotes: false))\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
