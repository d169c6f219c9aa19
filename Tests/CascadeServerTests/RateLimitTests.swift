import CascadeCore
import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import CascadeServer

@Suite struct RateLimitTests {
    @Test func aBucketFillsAtItsRate() {
        var bucket = TokenBucket(size: 3, at: 0)
        func take(_ now: Double) -> TokenBucket.Verdict { bucket.take(rate: 2, size: 3, at: now) }
        #expect(take(0) == .init(isAdmitted: true, remaining: 2, reset: 1, retryAfter: 0))
        #expect(take(0).isAdmitted && take(0).isAdmitted)
        #expect(take(0) == .init(isAdmitted: false, remaining: 0, reset: 2, retryAfter: 1))
        #expect(!take(0.4).isAdmitted)
        #expect(take(0.5).isAdmitted)
        // It never holds more than its size, and a clock that goes back gives nothing.
        #expect(take(1000).remaining == 2)
        #expect(take(999).remaining == 1)
    }

    /// Over a long time as many pass as the rate allows, and the burst.
    @Test(arguments: [0.5, 3, 40])
    func theRateHolds(rate: Double) {
        var bucket = TokenBucket(size: 5, at: 0)
        let admitted = (0..<10_000).count { bucket.take(rate: rate, size: 5, at: Double($0) / 100).isAdmitted }
        #expect(abs(Double(admitted) - (5 + 100 * rate)) <= 1)
    }

    private static func settings(_ rate: Double, _ burst: Int) -> RateLimitSettings {
        var settings = RateLimitSettings()
        settings.requestsPerSecond = rate
        settings.burst = burst
        return settings
    }

    @Test func memoryIsBounded() {
        let limiter = RateLimiter(Self.settings(1, 2), capacity: 100)
        for index in 0..<10_000 {
            _ = limiter.take("caller \(index)", at: Double(index) * 1e-6)
            #expect(limiter.count <= 100)
        }
        // One who goes on asking is not forgotten meanwhile.
        for index in 0..<1000 {
            _ = limiter.take("stranger \(index)", at: 1)
            #expect(limiter.take("busy", at: 1 + Double(index) * 1e-6).isAdmitted == (index < 2))
        }
    }

    private static func server(_ rate: Double, _ burst: Int) -> TestServer {
        var server = TestServer()
        server.settings.rateLimit = settings(rate, burst)
        return server
    }

    @Test func whoAsksTooOftenIsToldWhenToComeBack() async throws {
        let server = Self.server(0.01, 2)
        try await server.run { client async throws in
            for left in [1, 0] {
                let answer = try await client.send(.get, "/v1/pipeline")
                #expect(answer.status == 200)
                #expect(answer.header("RateLimit-Policy") == "\"default\";q=2;w=200")
                #expect(answer.header("RateLimit")?.hasPrefix("\"default\";r=\(left);t=") == true)
            }
            let refused = try await client.send(.get, "/v1/none")
            #expect(refused.status == 429 && refused.json["code"] == "rate_limited")
            #expect(refused.header("Retry-After") == "100" && refused.header("RateLimit")?.contains("r=0") == true)
            // Probes are answered always, and not counted.
            let live = try await client.send(.get, "/health/live")
            #expect(live.status == 200 && live.header("RateLimit") == nil)
            let text = try await client.send(.get, "/metrics").text
            #expect(text.contains("cascade_rate_limited_total 1\n"))
        }
    }

    @Test func eachKeyHasItsOwn() async throws {
        let server = Self.server(0.01, 1)
        server.keys.update(
            ["a", "b"].map {
                APIKey(
                    id: "key_\($0)", name: $0, digest: APIKeyDigest.of($0), scopes: [.inspect],
                    createdAt: Timestamp(microseconds: 0))
            })
        try await server.run { client async throws in
            for (key, status) in [("a", 200), ("a", 429), ("b", 200), ("b", 429)] {
                #expect(try await client.send(.get, "/v1/pipeline", headers: ["X-API-Key": key]).status == status)
            }
        }
    }

    @Test func itIsOffUnlessItIsAskedFor() async throws {
        try await TestServer().run { client async throws in
            for _ in 0..<100 {
                let answer = try await client.send(.get, "/v1/pipeline")
                #expect(answer.status == 200 && answer.header("RateLimit") == nil)
            }
        }
    }

    @Test func addressesAreTakenAsFarAsOneCallerHasThem() throws {
        let four = try SocketAddress(ipAddress: "10.1.2.3", port: 1)
        #expect(CallerAddress.name(of: four) == "10.1.2.3")
        #expect(CallerAddress.name(of: try SocketAddress(ipAddress: "::ffff:10.1.2.3", port: 1)) == "10.1.2.3")
        let six = try ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"].map { try SocketAddress(ipAddress: $0, port: 1) }
        #expect(Set(six.map { CallerAddress.name(of: $0) }) == ["2001:db8:1:2::/64"])
        #expect(CallerAddress.name(of: nil) == "local")
    }

    /// Wrong keys are refused sooner once there were many; the right one has its own count.
    @Test func wrongKeysAreCountedByTheirAddress() async throws {
        var server = Self.server(0.01, 2)
        server.settings.auth.keysSHA256 = [APIKeyDigest.of("right").map { String(format: "%02x", $0) }.joined()]
        server.keys = KeyRing(server.settings.auth)
        try await server.run { client async throws in
            func status(_ key: String) async throws -> Int {
                try await client.send(.get, "/v1/pipeline", headers: ["X-API-Key": key]).status
            }
            for wanted in [401, 401, 429, 429] { #expect(try await status("wrong") == wanted) }
            for wanted in [200, 200, 429] { #expect(try await status("right") == wanted) }
        }
    }
}
