/// A word of a configuration or mapping file out of a known few; one that is none of them is refused with the list of those.
package protocol ChosenWord: RawRepresentable, CaseIterable, Codable where RawValue == String {}

extension ChosenWord {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let word = Self(rawValue: text) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "there is no '\(text)'; known are \(known)")
        }
        self = word
    }
}
