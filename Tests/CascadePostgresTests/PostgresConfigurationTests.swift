import Testing

@testable import CascadePostgres

@Suite struct PostgresConfigurationTests {
    @Test func aURLIsReadAndPrintedWithoutItsPassword() throws {
        let configuration = try PostgresConfiguration(
            url: "postgresql://ann:s%40crt@db.example:6543/shop?sslmode=require")
        #expect(configuration.parameters["password"] == "s@crt")
        #expect(configuration.parameters["sslmode"] == "require")
        #expect(configuration.database == "shop")
        #expect(configuration.user == "ann")
        #expect("\(configuration)" == "postgresql://ann@db.example:6543/shop")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [dumped, String(reflecting: configuration), "\(configuration.with(database: "other"))"] {
            #expect(!text.contains("crt"))
        }
    }

    @Test func keywordsAreReadToo() throws {
        let configuration = try PostgresConfiguration(url: "host=/var/run port=5433 dbname=a user=b password='c d'")
        #expect(configuration.parameters["password"] == "c d")
        #expect("\(configuration)" == "postgresql://b@/var/run:5433/a")
    }

    @Test(arguments: [
        "", "nonsense", "mysql://ann:hunter2@host/db", "postgresql://ann:hunter2@host:port2/db",
        "postgresql://ann:hunter2@host:99999/db", "postgresql://ann:hunter2%zz@host/db",
        "host=a password=hunter2 hunter2", "postgresql://[hunter2/db", "postgresql://ann@host/db?nosuch=hunter2",
        "postgresql://a/b\0",
    ])
    func whatIsNoURLIsRefusedWithoutQuotingIt(text: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(url: text) }
        let description = "\(error, default: "")"
        #expect(description.hasPrefix("the database URL cannot be read: "))
        #expect(description.contains("expected postgresql://"))
        #expect(!description.contains("hunter2"))
    }

    @Test func connectionFailuresAreToldApart() {
        let server = "postgresql://ann@host:5432/shop"
        func error(_ message: String) -> PostgresError { ConnectFailure.error(message: message, server: server) }
        let prefix = "connection to server at \"host\" (1.2.3.4), port 5432 failed: "
        func isCase(_ error: PostgresError, _ name: String) -> Bool {
            "\(Mirror(reflecting: error).children.first?.label ?? "")" == name
        }
        let cases = [
            (prefix + "Connection refused\n\tIs the server running?", "connectionRefused"),
            (
                prefix
                    + "FATAL:  28P01: password authentication failed for user \"ann\"\nLOCATION:  auth_failed, auth.c:335",
                "authenticationFailed"
            ),
            (prefix + "FATAL:  28000: no pg_hba.conf entry for host", "authenticationFailed"),
            (prefix + "fe_sendauth: no password supplied", "authenticationFailed"),
            (prefix + "FATAL:  3D000: database \"shop\" does not exist", "databaseMissing"),
            (prefix + "FATAL:  53300: sorry, too many clients already", "serverUnavailable"),
            (prefix + "FATAL:  57P03: the database system is starting up", "serverUnavailable"),
            ("could not translate host name \"host\" to address: Name or service not known", "connectFailed"),
        ]
        for (message, name) in cases {
            #expect(isCase(error(message), name), "\(message)")
            #expect(!"\(error(message))".contains("LOCATION"))
            #expect("\(error(message))".contains(server))
        }
    }
}
