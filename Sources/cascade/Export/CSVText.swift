/// Fields of CSV files.
enum CSVText {
    /// A line with its end.
    static func line(_ fields: [String]) -> String { fields.map(quoted).joined(separator: ",") + "\n" }

    /// By RFC 4180; spaces at the ends are kept by quotes too.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte > 32 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: ",")
        }
        if isPlain { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
