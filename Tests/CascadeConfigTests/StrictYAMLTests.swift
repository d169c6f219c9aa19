import CascadeConfig
import Testing

private struct Example: Codable, Equatable {
    var server = Server()
    var sources = [Source(name: "popular", limit: 10)]
    var weights: [String: Double] = [:]

    struct Server: Codable, Equatable {
        var host = "127.0.0.1"
        var port = 8080
        var note: String?
    }

    struct Source: Codable, Equatable {
        var name: String
        var limit: Int
    }
}

@Suite struct StrictYAMLTests {
    private func load(_ text: String, environment: [String: String] = [:]) throws -> Example {
        try StrictYAML.decode(over: Example(), from: text, file: "x.yaml", environment: environment)
    }

    @Test func keepsDefaultsOfWhatIsNotWritten() throws {
        let value = try load("server:\n  port: 9000\n")
        #expect(value.server.port == 9000)
        #expect(value.server.host == "127.0.0.1")
        #expect(value.sources == Example().sources)
        #expect(try load("") == Example())
    }

    @Test func listsReplaceWholeAndMappingsOfNamesAreFree() throws {
        let value = try load("sources:\n  - {name: fresh, limit: 3}\nweights: {click: 0.5}\nserver: {note: hello}\n")
        #expect(value.sources == [.init(name: "fresh", limit: 3)])
        #expect(value.weights == ["click": 0.5])
        #expect(value.server.note == "hello")
    }

    @Test func unknownKeysAreRefusedWithTheirLine() {
        #expect(
            throws: ConfigError.unknownKey(
                file: "x.yaml", line: 3, path: "server.prot", known: ["host", "port"])
        ) { try load("server:\n  port: 1\n  prot: 2\n") }
        #expect {
            try load("sources:\n  - {name: a, limit: 1, limt: 2}\n")
        } throws: { "\($0)".contains("sources[0].limt") && "\($0)".contains("x.yaml:2") }
        #expect { try load("sever: {}\n") } throws: { "\($0)".contains("unknown key 'sever'") }
    }

    @Test func wrongTypesNameKeyAndLine() {
        #expect {
            try load("server:\n  port: many\n")
        } throws: { "\($0)".contains("server.port") && "\($0)".contains(":2") }
        #expect {
            try load("sources:\n  - {name: a}\n")
        } throws: { "\($0)".contains("limit") }
        #expect { try load("a: [1\nb: 2") } throws: { "\($0)".contains("not valid YAML") }
    }

    @Test func environmentGoesBeforeTheFile() throws {
        let value = try load("server:\n  port: 1\n", environment: ["CASCADE_SERVER_PORT": "7"])
        #expect(value.server.port == 7)
        let error = ConfigError.badVariable(
            name: "CASCADE_SERVER_PORT", path: "server.port", reason: "must be a whole number")
        #expect(throws: error) { try load("server:\n  port: 1\n", environment: ["CASCADE_SERVER_PORT": "x"]) }
        #expect(error.description.contains("CASCADE_SERVER_PORT") && error.description.contains("unset"))
    }

    @Test(arguments: [
        ("CASCADE_SERVER_PROT", ["CASCADE_SERVER_PORT", "CASCADE_SERVER_HOST"]),
        ("CASCADE_SERVER_HOST_NAME", ["CASCADE_SERVER_HOST", "CASCADE_SERVER_PORT"]),
        ("CASCADE_WEIGHTS_CLICK", []),
    ]) func variablesThatSetNothingAreRefused(name: String, near: [String]) {
        #expect(throws: ConfigError.unknownVariable(name: name, near: near)) { try load("", environment: [name: "1"]) }
    }

    @Test func variablesOfOtherThingsAreNoConcern() throws {
        let others = ["CASCADE_HOME": "/", "CASCADE_SERVERPORT": "1", "SERVER_PORT": "1", "CASCADE_": "1"]
        #expect(try load("", environment: others) == Example())
        let value = try load("weights: {click: 0.5}\n", environment: ["CASCADE_WEIGHTS_CLICK": "2"])
        #expect(value.weights == ["click": 2])
        let foreign = try StrictYAML.decode(
            over: Example(), from: "", file: "x.yaml", environment: ["CASCADE_SERVER_DIR": "x"],
            foreign: ["CASCADE_SERVER_DIR"])
        #expect(foreign == Example())
    }

    @Test func keysThatMovedAreNamedByTheirNewPlace() {
        func moved(_ text: String, _ environment: [String: String] = [:]) throws {
            _ = try StrictYAML.decode(
                over: Example(), from: text, file: "x.yaml", environment: environment,
                moved: ["sources.port": "server.port", "server.bind": "server.host"])
        }
        #expect(throws: ConfigError.movedKey(file: "x.yaml", line: 2, path: "server.bind", to: "server.host")) {
            try moved("server:\n  bind: x\n")
        }
        #expect(throws: ConfigError.movedVariable(name: "CASCADE_SOURCES_PORT", to: "CASCADE_SERVER_PORT")) {
            try moved("", ["CASCADE_SOURCES_PORT": "1"])
        }
        #expect { try moved("", ["CASCADE_SERVER_BIND": "1"]) } throws: {
            "\($0)".contains("CASCADE_SERVER_HOST by now")
        }
    }

    @Test func missingFilesAreNamed() {
        #expect {
            try StrictYAML.read("/no/such/file.yaml")
        } throws: { "\($0)".contains("/no/such/file.yaml") && "\($0)".contains("no such file") }
    }
}
