/// Writes JSON values onto the end of a text.
enum JSONText {
    /// Appends `text` as a JSON string.
    static func append(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }

    /// Appends a number; one that JSON cannot hold becomes null.
    static func append(_ number: Double, to line: inout String) {
        if !number.isFinite {
            line += "null"
        } else if number == number.rounded(), abs(number) < 1e15 {
            line += String(Int64(number))
        } else {
            line += String(number)
        }
    }
}
