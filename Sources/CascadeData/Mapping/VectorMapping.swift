/// Content vectors of items: a matrix in one file, the items of its rows in another.
package struct VectorMapping: Codable, Sendable, Equatable {
    /// What the vectors are known by, such as `image`.
    package var name: String
    /// A `.npy` or `.safetensors` file, relative to the data set's folder.
    package var file: String
    /// A text file with the identifier of an item a line, in the order of the rows.
    package var ids: String
    /// The tensor of a `.safetensors` file; may be left out where the file has one only.
    package var tensor: String?
    /// Whether it is fine when there is no such file.
    package var optional: Bool?
}
