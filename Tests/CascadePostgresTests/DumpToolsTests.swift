import CascadeTestSupport
import Foundation
import Testing

@testable import CascadePostgres

@Suite struct DumpToolsTests {
    private func address(
        _ url: String, database: String = "d", inherited: [String: String] = [:]
    ) throws -> ToolAddress {
        try ToolAddress(try PostgresConfiguration(url: url), database: database, inherited: inherited)
    }

    @Test func secretsGoByVariablesOnly() throws {
        let address = try address("postgresql://ann:s3cret%20'x@db.example:6000/d?sslmode=require&keepalives_idle=9")
        #expect(address.database == "dbname='d' keepalives_idle='9'")
        for variable in ["PGPASSWORD=s3cret 'x", "PGUSER=ann", "PGHOST=db.example", "PGPORT=6000", "PGSSLMODE=require"]
        {
            #expect(address.variables.contains(variable), "\(variable)")
        }
    }

    @Test func theUsersOwnVariablesGoAlongUnlessTheUrlSaysOtherwise() throws {
        let inherited = [
            "PGPASSFILE": "/p", "PGUSER": "bob", "PGDATABASE": "other", "HOME": "/h", "SECRET": "x",
        ]
        let address = try address("postgresql://ann@h/d", inherited: inherited)
        #expect(address.variables == ["HOME=/h", "PGHOST=h", "PGPASSFILE=/p", "PGUSER=ann"])
    }

    @Test func namesOfDatabasesAreQuoted() throws {
        #expect(try address("postgresql://h/x", database: #"o'b\r"#).database == #"dbname='o\'b\\r'"#)
    }

    @Test func aPassphraseThatNoVariableTakesIsRefused() throws {
        #expect {
            _ = try address("postgresql://h/d?sslpassword=hidden")
        } throws: { error in
            "\(error)".contains("sslpassword") && !"\(error)".contains("hidden")
        }
    }

    @Test func toolsAreThoseOfTheServersVersionOrNewer() throws {
        try withTemporaryDirectory { root in
            for version in [14, 15, 17] {
                let bin = root.appendingPathComponent("\(version)/bin")
                try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
                for tool in ["pg_dump", "pg_restore", "psql"] {
                    _ = FileManager.default.createFile(
                        atPath: bin.appendingPathComponent(tool).path, contents: Data(),
                        attributes: [.posixPermissions: 0o755])
                }
            }
            func find(_ version: Int) throws -> String {
                try ServerBinaries.findTools(version: version, roots: [root.path], searchPath: "").directory
            }
            #expect(try find(15) == root.path + "/15/bin")
            #expect(try find(16) == root.path + "/17/bin")
            #expect {
                _ = try find(18)
            } throws: { error in
                "\(error)".contains("apt-get install postgresql-client-18")
            }
        }
    }

    @Test func aProgramGetsTheVariables() throws {
        let outcome = try ToolRunner.run(["sh", "-c", "echo $PGPASSWORD; echo $LC_ALL"], variables: ["PGPASSWORD=p q"])
        #expect(outcome.output == "p q\nC\n")
    }
}
