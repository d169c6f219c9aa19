/// What can be wrong with a configuration file; every text names the file, the line, the key and what to do.
package enum ConfigError: Error, Equatable, CustomStringConvertible {
    /// The file could not be read.
    case unreadable(file: String, reason: String)
    /// The text is no YAML.
    case syntax(file: String, line: Int, reason: String)
    /// A key that nothing reads.
    case unknownKey(file: String, line: Int, path: String, known: [String])
    /// A key that has another name by now.
    case movedKey(file: String, line: Int, path: String, to: String)
    /// A variable of the environment that would set a key of a section there is, but none is called so.
    case unknownVariable(name: String, near: [String])
    /// A variable of the environment whose key has another name by now.
    case movedVariable(name: String, to: String)
    /// A variable of the environment that sets a key to what it cannot be.
    case badVariable(name: String, path: String, reason: String)
    /// A value of the wrong type or a missing one.
    case badValue(file: String, line: Int, path: String, reason: String)
    /// Values that do not go together, or are out of range.
    case invalid(file: String, problems: [String])

    package var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): cannot be read (\(reason)). Name an existing file with --config or --dataset."
        case .syntax(let file, let line, let reason):
            "\(file):\(line): not valid YAML: \(reason)"
        case .unknownKey(let file, let line, let path, let known):
            "\(file):\(line): unknown key '\(path)'. Known here: \(known.sorted().joined(separator: ", "))."
                + " Correct its spelling or remove it."
        case .movedKey(let file, let line, let path, let to):
            "\(file):\(line): '\(path)' is called '\(to)' by now. Write it there."
        case .unknownVariable(let name, let near):
            "environment: \(name) sets no key of the configuration"
                + (near.isEmpty ? "." : "; near are \(near.joined(separator: ", ")).")
                + " Correct its name or unset it; lists and mappings come from the file only."
        case .movedVariable(let name, let to):
            "environment: \(name) is called \(to) by now. Rename it."
        case .badVariable(let name, let path, let reason):
            "environment: \(name), which sets '\(path)': \(reason). Correct it or unset it."
        case .badValue(let file, let line, let path, let reason):
            "\(file):\(line): '\(path)': \(reason)"
        case .invalid(let file, let problems):
            "\(file): \(problems.joined(separator: "; "))"
        }
    }
}
