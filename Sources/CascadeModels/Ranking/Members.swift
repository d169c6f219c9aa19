/// The members of a family of parts that a key of the configuration chooses from by name.
struct Members<Member: Sendable>: Sendable {
    /// The key, such as `ranker.history`.
    let key: String
    let all: [String: Member]
    /// A name that stands for having no member; nil where one is needed.
    var absence: String?

    /// What is wrong with `name`; nil for that of a member, or of having none.
    func problem(_ name: String) -> String? {
        guard all[name] == nil, name != absence else { return nil }
        let known = (all.keys + (absence.map { [$0] } ?? [])).sorted().joined(separator: ", ")
        return "\(key): there is no '\(name)'; known are \(known)"
    }

    /// The member called `name`, nil for having none.
    ///
    /// - Throws: `ModelError.badSettings` for a name that is not known.
    func member(_ name: String) throws(ModelError) -> Member? {
        if let problem = problem(name) { throw .badSettings([problem]) }
        return all[name]
    }
}
