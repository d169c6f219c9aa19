import Foundation

/// A trace as it is stored: JSON of its `Codable` form, but for the candidates, of which there are hundreds: they are written in
/// columns (`TraceColumns`), straight into bytes. `PipelineTrace` decodes both.
enum TraceJSON {
    /// The text; the members of an object are in no order.
    ///
    /// - Parameters:
    ///   - shell: everything but the candidates.
    ///   - candidates: what is told of them.
    /// - Throws: `EncodingError` for a number that is not finite, which JSON cannot hold.
    static func text(of shell: PipelineTrace, candidates: some TraceColumnSource) throws -> String {
        var empty = shell
        empty.candidates = []
        let around = try JSONEncoder().encode(empty)
        // Quotation marks within texts are escaped, so this stands nowhere else.
        guard let place = around.range(of: Data(#""candidates":[]"#.utf8)) else {
            throw EncodingError.invalidValue(
                shell, .init(codingPath: [], debugDescription: "a trace has no place for its candidates"))
        }
        var bytes = JSONBytes(capacity: around.count + 160 * candidates.count)
        bytes.append(contentsOf: around[around.startIndex..<place.upperBound - 2])
        try TraceColumns.write(candidates, into: &bytes)
        bytes.append(contentsOf: around[place.upperBound...])
        return bytes.text
    }
}
