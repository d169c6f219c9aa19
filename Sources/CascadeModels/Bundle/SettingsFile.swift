package import Foundation

/// The settings of a release as JSON. Every release is read by whatever program serves it, so a key that the file lacks,
/// because the program that wrote it did not know it, keeps its default, at every depth.
package enum SettingsFile {
    package static func encode(_ settings: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return try encoder.encode(settings)
    }

    /// Decodes the bytes of the file at `path` over `defaults`.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file and the key that cannot be used.
    package static func decode<Settings: Codable>(
        _ data: Data, over defaults: Settings, path: String
    ) throws(ModelError) -> Settings {
        func corrupt(_ reason: String) -> ModelError { .corruptArtifact(file: path, reason: reason) }
        guard let written = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
            throw corrupt("it is no JSON object")
        }
        do {
            let base = try JSONSerialization.jsonObject(with: encode(defaults)) as? [String: Any] ?? [:]
            let merged = try JSONSerialization.data(withJSONObject: merge(written, over: base))
            return try JSONDecoder().decode(Settings.self, from: merged)
        } catch let error as DecodingError {
            throw corrupt(reason(of: error))
        } catch {
            throw corrupt("it is not readable JSON (\(error))")
        }
    }

    /// `written` where it says something, `base` elsewhere; only objects are merged.
    private static func merge(_ written: [String: Any], over base: [String: Any]) -> [String: Any] {
        base.merging(written) { below, above in
            guard let below = below as? [String: Any], let above = above as? [String: Any] else { return above }
            return merge(above, over: below)
        }
    }

    private static func reason(of error: DecodingError) -> String {
        let (context, last): (DecodingError.Context, [any CodingKey]) =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context): (context, [])
            case .keyNotFound(let key, let context): (context, [key])
            case .dataCorrupted(let context): (context, [])
            @unknown default: (.init(codingPath: [], debugDescription: "\(error)"), [])
            }
        let name = (context.codingPath + last).map(\.stringValue).joined(separator: ".")
        return "'\(name)' cannot be used by this program (\(context.debugDescription))"
    }
}
