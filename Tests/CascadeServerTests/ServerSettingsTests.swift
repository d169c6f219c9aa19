import Foundation
import Testing

@testable import CascadeServer

@Suite struct ServerSettingsTests {
    @Test func defaultsAreFine() {
        #expect(ServerSettings().problems() == [])
        #expect(ServerSettings().host == "127.0.0.1")
    }

    @Test func encodesWithTheNamesOfTheConfiguration() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(ServerSettings()), as: UTF8.self)
        #expect(
            text == """
                {"allow_remote_without_keys":false,"auth":{"keys_sha256":[],"require_keys":false},"compression_min_bytes":1024,"cors":{"allow_origins":[],"max_age_seconds":600},"event_types":[],"host":"127.0.0.1","idle_timeout_ms":60000,"inspector":true,\
                "max_body_bytes":1048576,"max_concurrent_requests":64,"max_concurrent_writes":16,\
                "max_connections":4096,"max_queue_wait_ms":250,"max_queued_requests":64,"next_page_seconds":1800,"port":8080,"rate_limit":{"burst":50,"requests_per_second":0},\
                "request_timeout_ms":5000,"shutdown_grace_ms":10000}
                """)
        #expect(try JSONDecoder().decode(ServerSettings.self, from: Data(text.utf8)) == ServerSettings())
    }

    @Test func namesEveryKeyThatIsOutOfRange() {
        var settings = ServerSettings()
        settings.host = ""
        settings.port = 65_536
        settings.maxBodyBytes = 1
        settings.requestTimeoutMilliseconds = 0
        settings.shutdownGraceMilliseconds = -1
        settings.maxConcurrentRequests = 0
        settings.maxConcurrentWrites = 0
        settings.maxQueuedRequests = -1
        settings.maxQueueWaitMilliseconds = 0
        settings.maxConnections = 0
        settings.idleTimeoutMilliseconds = 0
        settings.auth.keysSHA256 = ["abc"]
        settings.nextPageSeconds = -1
        settings.compressionMinBytes = -1
        settings.rateLimit.requestsPerSecond = .nan
        settings.rateLimit.burst = 0
        settings.cors.maxAgeSeconds = -1
        settings.cors.allowOrigins = ["https://shop.example", "shop.example"]
        let problems = settings.problems()
        for key in [
            "host", "port", "max_body_bytes", "request_timeout_ms", "shutdown_grace_ms", "max_concurrent_requests",
            "max_concurrent_writes", "max_queued_requests", "max_queue_wait_ms", "max_connections", "idle_timeout_ms",
            "auth.keys_sha256[0]", "next_page_seconds", "compression_min_bytes", "rate_limit.requests_per_second",
            "rate_limit.burst", "cors.max_age_seconds", "cors.allow_origins[1]",
        ] {
            #expect(problems.contains { $0.hasPrefix("`\(key)`") }, "\(key)")
        }
        #expect(problems.count == 18)
    }

    @Test(arguments: [
        ("https://shop.example", true), ("http://127.0.0.1:3000", true), ("*", true), ("https://shop.example/", false),
        ("https://", false), ("ftp://shop.example", false), ("https://Shop.example", false),
        ("https://*.example", false),
        ("", false),
    ])
    func originsHaveNoPath(text: String, isOne: Bool) { #expect(CORSSettings.isOrigin(text) == isOne) }

    @Test(arguments: ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST", "::1"])
    func thisMachineNeedsNoKeys(host: String) {
        var settings = ServerSettings()
        settings.host = host
        #expect(settings.problems() == [])
    }

    @Test(arguments: ["0.0.0.0", "::", "10.0.0.1", "example.org", "127.0.0.1.example.org", "127.0.0", "127.0.0.256"])
    func otherMachinesNeedKeysOrLeave(host: String) {
        var settings = ServerSettings()
        settings.host = host
        #expect(settings.problems().count == 1)
        #expect(settings.problems().first?.contains("allow_remote_without_keys") == true)
        let error = #expect(throws: ServerError.self) {
            var server = TestServer()
            server.settings = settings
            _ = try buildApplication(dependencies: server.dependencies)
        }
        #expect(error == .invalidSettings(settings.problems()))
        settings.auth.keysSHA256 = [String(repeating: "ab", count: 32)]
        #expect(settings.problems() == [])
        settings.auth.keysSHA256 = []
        settings.allowRemoteWithoutKeys = true
        #expect(settings.problems() == [])
    }

    @Test func errorsSayWhatToDo() {
        let errors: [ServerError] = [
            .invalidSettings(["`port` is odd"]), .portInUse(host: "127.0.0.1", port: 8080),
            .portForbidden(host: "127.0.0.1", port: 80), .unusableHost(host: "nowhere", reason: "unknown"),
            .bindFailed(host: "127.0.0.1", port: 1, reason: "odd"),
        ]
        for error in errors { #expect(error.description.contains("server"), "\(error)") }
        #expect(errors[1].description.contains("127.0.0.1:8080"))
    }
}
