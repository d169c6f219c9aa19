/// Why the server does not start or had to stop.
package enum ServerError: Error, Equatable, CustomStringConvertible {
    /// Settings that cannot be used; each problem names its key.
    case invalidSettings([String])
    /// Something listens on the port already.
    case portInUse(host: String, port: Int)
    /// The port needs a right that the process does not have.
    case portForbidden(host: String, port: Int)
    /// The host is no address of this machine, or cannot be found.
    case unusableHost(host: String, reason: String)
    /// Binding failed for another reason.
    case bindFailed(host: String, port: Int, reason: String)

    package var description: String {
        switch self {
        case .invalidSettings(let problems):
            "the server settings are not valid: " + problems.joined(separator: "; ")
                + ". Correct the `server` section of the configuration."
        case .portInUse(let host, let port):
            "\(host):\(port) is in use by another process. Stop it (`ss -ltnp 'sport = :\(port)'` names it), or choose"
                + " another port with `server.port`."
        case .portForbidden(let host, let port):
            "\(host):\(port) may not be bound by this user. Choose a port from 1024 upwards with `server.port`."
        case .unusableHost(let host, let reason):
            "'\(host)' cannot be listened on (\(reason)). Set `server.host` to an address of this machine, such as"
                + " 127.0.0.1."
        case .bindFailed(let host, let port, let reason):
            "\(host):\(port) cannot be listened on: \(reason). Check `server.host` and `server.port`."
        }
    }
}
