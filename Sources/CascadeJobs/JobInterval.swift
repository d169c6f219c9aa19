/// How long it is from one job of a schedule to the next, as people write it.
package enum JobInterval {
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

    /// Seconds of a text such as `90m`, `6h` or `1d`.
    package static func seconds(_ text: String) throws(JobError) -> Int64 {
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0,
            count <= 366 * 86_400 / unit
        else {
            throw .badValue(name: "every", value: text, wanted: "a number and s, m, h or d, a year at most, such as 6h")
        }
        return count * unit
    }

    /// The text of so many seconds, in the largest unit that fits.
    package static func text(_ seconds: Int64) -> String {
        for (unit, length) in units.sorted(by: { $0.value > $1.value }) where seconds % length == 0 {
            return "\(seconds / length)\(unit)"
        }
        return "\(seconds)s"
    }
}
