/// What an operator can do about a connection that could not be opened, by libpq's words.
enum ConnectRemedy {
    static func text(for message: String, otherwise: String = "check database.url") -> String {
        for (words, remedy) in remedies where words.contains(where: message.contains) { return remedy }
        return otherwise
    }

    private static let remedies: [(words: [String], remedy: String)] = [
        (
            ["unsupported startup parameter"],
            "database.url leads to a proxy that shares sessions: set database.direct_url to the server itself, and "
                + "database.prepare_statements to false where the proxy knows no prepared statements"
        ),
        (
            ["certificate verify failed", "unable to get local issuer", "self-signed certificate"],
            "the server's certificate is not signed by an authority of sslrootcert: name the file of the right one there"
        ),
        (
            ["root certificate file"],
            "name the file of the authority that signed the server's certificate with sslrootcert=… in database.url"
        ),
        (
            ["does not match host name"],
            "write the host in database.url as the certificate has it, or have the server given a certificate for this name"
        ),
        (
            ["no encryption"],
            "the server wants TLS: set sslmode=verify-full and sslrootcert=… in database.url"
        ),
        (
            ["server does not support SSL"],
            "turn on TLS at the server (ssl = on), or lower sslmode in database.url if the network is trusted"
        ),
    ]
}
