import CascadeCore

/// Reads a JSON object of attributes as Postgres prints it; the opposite of `AttributesEncoder`.
enum AttributesDecoder {
    /// The attributes of the object in `bytes`; throws `.corruptValue` for anything that is no JSON object.
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(StorageError) -> [String: AttributeValue] {
        var cursor = JSONCursor(bytes)
        guard let attributes = cursor.attributes(), cursor.atEnd else {
            throw .corruptValue(reason: "attributes are no JSON object at byte \(cursor.position)")
        }
        return attributes
    }

    /// The attributes of the object in `text`.
    static func decode(_ text: String) throws(StorageError) -> [String: AttributeValue] {
        var text = text
        let parsed: Result<[String: AttributeValue], StorageError> = text.withUTF8 { bytes in
            Result { () throws(StorageError) in try decode(UnsafeRawBufferPointer(bytes)) }
        }
        return try parsed.get()
    }
}
