import CascadeTestSupport
import Foundation
import Testing

@testable import CascadePostgres

/// A server with a certificate for `localhost` that takes logins over TLS with a password only.
@Suite struct TLSTests {
    private static let password = "open-sesame-57"

    private nonisolated(nonsending) func withTLS(_ body: (TestServer) async throws -> Void) async throws {
        let settings = [
            "listen_addresses = '127.0.0.1'", "ssl = on", "ssl_cert_file = '../server.crt'",
            "ssl_key_file = '../server.key'",
        ]
        let access = ["hostssl all all 127.0.0.1/32 scram-sha-256"]
        try await TestServer.with(settings: settings, access: access, prepare: Self.certify) { server in
            let connection = try await PostgresConnection.connect(server.configuration)
            try await connection.script("CREATE ROLE app LOGIN PASSWORD '\(Self.password)'")
            try await body(server)
        }
    }

    /// Makes an authority, another that has nothing to do with it, and the server's certificate.
    private static func certify(_ server: TestServer) throws {
        let openssl = { (arguments: String) -> Void in
            try ToolRunner.check(
                ["openssl"] + arguments.split(separator: " ").map(String.init), directory: server.directory.path,
                tool: "openssl")
        }
        for name in ["authority", "stranger"] {
            try openssl(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=\(name) -keyout \(name).key -out \(name).crt")
        }
        try openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr")
        try "subjectAltName = DNS:localhost\n".write(
            to: server.directory.appendingPathComponent("names"), atomically: true, encoding: .utf8)
        try openssl(
            "x509 -req -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial -days 2 -extfile names "
                + "-out server.crt")
        for file in ["server.key", "server.crt"] { try server.handOver(file) }
    }

    private func address(
        _ server: TestServer, host: String = "localhost", authority: String = "authority.crt",
        mode: String = "verify-full",
        password: String = password
    ) throws -> PostgresConfiguration {
        try PostgresConfiguration(
            url: "postgresql://app:\(password)@\(host):\(server.port)/postgres?hostaddr=127.0.0.1&sslmode=\(mode)"
                + "&sslrootcert=\(server.directory.path)/\(authority)")
    }

    /// The text of the error that an attempt to connect ends with.
    private func failure(_ address: PostgresConfiguration) async -> String {
        do {
            _ = try await PostgresConnection.connect(address)
            return ""
        } catch {
            var dumped = ""
            dump(error, to: &dumped)
            #expect(!"\(error) \(dumped)".contains(Self.password))
            return "\(error)"
        }
    }

    @Test func aCertificateThatIsVerifiedConnects() async throws {
        try await withTLS { server in
            let connection = try await PostgresConnection.connect(try address(server))
            let isEncrypted: Bool = try await connection.query(
                "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            )
            .single().decode(0)
            #expect(isEncrypted)
        }
    }

    @Test func aRefusalNamesItsRemedyAndNoPassword() async throws {
        try await withTLS { server in
            let stranger = await failure(try address(server, authority: "stranger.crt"))
            #expect(stranger.contains("certificate verify failed") && stranger.contains("sslrootcert: name the file"))
            let missing = await failure(try address(server, authority: "nothing.crt"))
            #expect(missing.contains("with sslrootcert="), "\(missing)")
            let name = await failure(try address(server, host: "elsewhere.test"))
            #expect(name.contains("write the host in database.url as the certificate has it"), "\(name)")
            let plain = await failure(try address(server, mode: "disable"))
            #expect(plain.contains("the server wants TLS"), "\(plain)")
            let password = await failure(try address(server, password: "wrong-\(Self.password)"))
            #expect(password.contains("correct the user and the password"), "\(password)")
        }
    }

    @Test func aServerWithoutTLSIsNotTalkedToInTheOpen() async throws {
        try await TestServer.with(
            settings: ["listen_addresses = '127.0.0.1'"], access: ["host all all 127.0.0.1/32 trust"]
        ) {
            server in
            let error = await failure(try address(server, mode: "require"))
            #expect(error.contains("turn on TLS at the server"), "\(error)")
        }
    }
}
