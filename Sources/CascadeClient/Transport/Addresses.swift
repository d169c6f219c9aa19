import Foundation

/// How paths and queries are written.
enum Addresses {
    /// Bytes that need not be encoded in a segment of a path or a part of a query (RFC 3986, unreserved).
    private static let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    /// The text as one segment of a path, whatever it holds.
    static func segment(_ text: String) -> String {
        // Alone they are steps of the path.
        if text == "." || text == ".." { return text.replacing(".", with: "%2E") }
        return encoded(text)
    }

    static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            if unreserved.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }

    /// Path and query of a request: `template` with `segments` in the place of its names.
    static func target(_ template: String, _ segments: [String], _ query: [(name: String, value: String?)]) -> String {
        var rest = segments[...]
        let path = template.split(separator: "/").map { part in
            part.hasPrefix("{") ? segment(rest.popFirst() ?? "") : String(part)
        }
        let parameters = query.compactMap { parameter in
            parameter.value.map { "\(encoded(parameter.name))=\(encoded($0))" }
        }
        let tail = parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&")
        return "/" + path.joined(separator: "/") + tail
    }

    /// The address of the server without a slash at its end.
    static func base(of url: URL) -> String {
        let text = url.absoluteString
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// Texts as one parameter, separated by commas; a comma that belongs to a text is written `\,`.
    static func list(_ texts: [String]?) -> String? {
        texts.map { $0.map { $0.replacing(",", with: "\\,") }.joined(separator: ",") }
    }
}
