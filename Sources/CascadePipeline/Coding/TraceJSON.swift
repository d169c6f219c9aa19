import Foundation

/// A trace as it is stored: JSON of its `Codable` form, but for the candidates, of which there are hundreds: they are written in
/// columns (`TraceColumns`), straight into bytes. `PipelineTrace` decodes both.
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
        bytes.append(contentsOf: around[around.startIndex..<place.upperBound - 2])
        try TraceColumns.write(trace.candidates, into: &bytes)
        bytes.append(contentsOf: around[place.upperBound...])
        return bytes.text
    }
}
