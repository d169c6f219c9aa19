import Foundation

/// Text for people: results to standard output, what is going on to standard error.
enum Terminal {
    static func out(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    static func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    static func error(_ text: String) { note("error: \(text)") }

    /// A number with a fixed count of decimals; a dash for none.
    static func number(_ value: Double?, decimals: Int = 4) -> String {
        guard let value else { return "–" }
        return String(format: "%.\(decimals)f", value)
    }
}
