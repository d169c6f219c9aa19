/// What every statement relies on, whatever the server, the database and the role have set: times are read as ISO dates in a
/// known zone, and texts are quoted by the standard.
///
/// The server takes it with the login. A proxy that shares sessions takes no such options and keeps a client's settings only of
/// what the server reports, so behind one the reported ones that differ are set once a connection; the proxy sees to them from
/// then on. The others are no more than faster or as they are by default.
enum SessionSettings {
    /// Those that the server reports at the login and whenever they change.
    private static let reported = [("TimeZone", "UTC"), ("DateStyle", "ISO"), ("standard_conforming_strings", "on")]

    /// Compiling a plan takes longer than any statement of a request does.
    private static let others = [("bytea_output", "hex"), ("jit", "off")]

    /// The connection parameter `options`, behind what the caller gave himself.
    static func options(after given: String?) -> String {
        let ours = (reported + others).map { "-c \($0)=\($1)" }
        return ([given].compactMap { $0 } + ours).joined(separator: " ")
    }

    /// The statements that set what is reported otherwise; nil where nothing is.
    static func corrections(_ reportedValue: (String) -> String?) -> String? {
        let statements = reported.compactMap { name, value -> String? in
            // A date style has a second part, which is for reading what we never write.
            guard reportedValue(name)?.split(separator: ",").first.map(String.init) != value else { return nil }
            return "SET \(name) = '\(value)'"
        }
        return statements.isEmpty ? nil : statements.joined(separator: "; ")
    }
}
