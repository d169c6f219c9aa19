import CascadeNN

extension ParameterStore {
    /// Uses the weights of the file at `path` in place.
    ///
    /// - Throws: `ModelError.corruptArtifact` for a file that cannot be read, or that holds the weights of another model:
    ///   of an earlier version of the program too.
    func map(weights path: String) throws(ModelError) {
        let file: Checkpoint
        do { file = try Checkpoint(path: path) } catch { throw .corruptArtifact(file: path, reason: "\(error)") }
        try map(file)
    }

    /// The same for a file that is open.
    func map(_ file: Checkpoint) throws(ModelError) {
        do { try allocate(mapping: file) } catch { throw .corruptArtifact(file: file.path, reason: "\(error)") }
    }
}
