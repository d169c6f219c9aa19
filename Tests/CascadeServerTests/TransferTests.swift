import CascadeCore
import CascadeObservability
import CascadePipeline
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import CascadeServer

/// Compression, validators, other origins and trace contexts.
@Suite struct TransferTests {
    @Test func gzipThereAndBack() throws {
        for bytes in [[], [7], Array("hello ".utf8), (0..<200_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 5) }] {
            let packed = try Gzip.deflated(bytes)
            #expect(try Gzip.inflated(packed, limit: bytes.count) == bytes)
            // Several members are one text.
            #expect(try Gzip.inflated(packed + packed, limit: 2 * bytes.count) == bytes + bytes)
            #expect(throws: Gzip.Failure.corrupt) { try Gzip.inflated(Array(packed.dropLast()), limit: 1 << 20) }
            if !bytes.isEmpty {
                #expect(throws: Gzip.Failure.tooLong) { try Gzip.inflated(packed, limit: bytes.count - 1) }
            }
        }
        #expect(throws: Gzip.Failure.corrupt) { try Gzip.inflated(Array("no gzip at all".utf8), limit: 100) }
        // A few bytes that would be a gigabyte are given up early.
        var bomb = try Gzip.deflated([UInt8](repeating: 0, count: 50 << 20))
        #expect(bomb.count < 1 << 18)
        bomb += bomb
        #expect(throws: Gzip.Failure.tooLong) { try Gzip.inflated(bomb, limit: 1 << 20) }
    }

    @Test(arguments: [
        ("gzip", true), ("deflate, GZIP;q=0.5", true), ("*", true), ("x-gzip", true), ("gzip;q=0", false),
        ("gzip;q=0, *", false), ("br", false), ("", false), ("*;q=0", false),
    ])
    func acceptsWhatTheHeaderSays(header: String, takes: Bool) {
        #expect(CompressionMiddleware.takesGzip(header) == takes)
        #expect(!CompressionMiddleware.takesGzip(nil))
    }

    /// Over a socket, where lengths matter.
    @Test func longAnswersAreCompressed() async throws {
        try await TestServer().run(.live) { client async throws in
            let plain = try await client.send(.get, "/v1/openapi.json")
            #expect(plain.header("Content-Encoding") == nil && plain.header("Vary") == "Accept-Encoding")
            let response = try await client.executeRequest(
                uri: "/v1/openapi.json", method: .get, headers: [.acceptEncoding: "gzip"], body: nil)
            #expect(response.headers[.contentEncoding] == "gzip")
            let packed = Array(response.body.readableBytesView)
            #expect(
                response.headers[.contentLength] == String(packed.count) && packed.count * 3 < plain.text.utf8.count)
            #expect(try Gzip.inflated(packed, limit: 1 << 20) == Array(plain.text.utf8))
            let short = try await client.send(.get, "/health/live", headers: ["Accept-Encoding": "gzip"])
            #expect(short.text == #"{"status":"ok"}"# && short.header("Content-Encoding") == nil)
        }
        var server = TestServer()
        server.settings.compressionMinBytes = 0
        try await server.run { client async throws in
            let answer = try await client.send(.get, "/v1/openapi.json", headers: ["Accept-Encoding": "gzip"])
            #expect(answer.header("Content-Encoding") == nil && answer.json["openapi"] == "3.1.0")
        }
    }

    @Test func bodiesMayBeCompressed() async throws {
        var server = TestServer()
        server.settings.maxBodyBytes = 1024
        try await server.run { client async throws in
            func put(_ bytes: [UInt8], _ encoding: String = "gzip") async throws -> Answer {
                let response = try await client.executeRequest(
                    uri: "/v1/items/i", method: .put,
                    headers: [.contentType: "application/json", .contentEncoding: encoding],
                    body: ByteBuffer(bytes: bytes))
                return Answer(
                    status: response.status.code, headers: response.headers, text: String(buffer: response.body))
            }
            #expect(try await put(try Gzip.deflated(Array(#"{"title":"t"}"#.utf8))).status == 201)
            let long = #"{"title":"\#(String(repeating: "a", count: 2000))"}"#
            let refused = try await put(try Gzip.deflated(Array(long.utf8)))
            #expect(refused.status == 413 && refused.json["code"] == "too_large")
            let corrupt = try await put(Array("{}".utf8))
            #expect(corrupt.status == 400 && corrupt.errors == ["/header/Content-Encoding invalid"])
            #expect(try await put(Array("{}".utf8), "br").status == 415)
            #expect(try await put(Array("{}".utf8), "identity").status == 200)
        }
    }

    @Test func whatHasNotChangedIsNotSentAgain() async throws {
        let server = TestServer()
        _ = try await server.catalog.put(Item(id: ItemID("i"), title: "one"))
        try await server.run { client async throws in
            for path in ["/v1/items/i", "/v1/openapi.json", "/v1/releases"] {
                let first = try await client.send(.get, path)
                let tag = try #require(first.header("ETag"))
                #expect(
                    first.status == 200 && tag.hasPrefix("W/\"") && first.header("Cache-Control") == "private, no-cache"
                )
                for given in [tag, "\"x\", \(tag)", "*", String(tag.dropFirst(2))] {
                    let again = try await client.send(.get, path, headers: ["If-None-Match": given])
                    #expect(
                        again.status == 304 && again.text.isEmpty && again.header("ETag") == tag, "\(path) \(given)")
                }
                #expect(try await client.send(.get, path, headers: ["If-None-Match": "\"x\""]).status == 200)
            }
            let before = try await client.send(.get, "/v1/items/i").header("ETag")
            _ = try await client.send(.put, "/v1/items/i", #"{"title":"two"}"#)
            let after = try await client.send(.get, "/v1/items/i", headers: ["If-None-Match": before ?? ""])
            #expect(after.status == 200 && after.header("ETag") != before && after.json["title"] == "two")
            #expect(try await client.send(.get, "/v1/items/none", headers: ["If-None-Match": "*"]).status == 404)
        }
    }

    @Test func otherOriginsMayComeWhereTheyAreNamed() async throws {
        var server = TestServer()
        server.settings.cors.allowOrigins = ["https://shop.example"]
        server.keys.update([
            APIKey(
                id: "k", name: "k", digest: APIKeyDigest.of("k"), scopes: [.inspect],
                createdAt: Timestamp(microseconds: 0))
        ])
        try await server.run { client async throws in
            let preflight = [
                "Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            ]
            let asked = try await client.send(.options, "/v1/recommendations", headers: preflight)
            #expect(asked.status == 204 && asked.header("Access-Control-Allow-Origin") == "https://shop.example")
            #expect(asked.header("Access-Control-Allow-Headers")?.contains("Content-Type") == true)
            #expect(asked.header("Access-Control-Max-Age") == "600")
            // Also of an error can the page read what it is.
            let answer = try await client.send(.get, "/v1/pipeline", headers: ["Origin": "https://shop.example"])
            #expect(answer.status == 401 && answer.header("Access-Control-Allow-Origin") == "https://shop.example")
            #expect(answer.header("Access-Control-Expose-Headers")?.contains("X-Request-ID") == true)
            let stranger = try await client.send(
                .options, "/v1/recommendations",
                headers: ["Origin": "https://evil.example", "Access-Control-Request-Method": "POST"])
            #expect(stranger.status == 401 && stranger.header("Access-Control-Allow-Origin") == nil)
            #expect(stranger.header("Vary")?.contains("Origin") == true)
        }
        try await TestServer().run { client async throws in
            let answer = try await client.send(.get, "/v1/pipeline", headers: ["Origin": "https://shop.example"])
            #expect(answer.status == 200 && answer.header("Access-Control-Allow-Origin") == nil)
        }
    }

    @Test func aTraceIsGoneOnWith() async throws {
        let trace = String(repeating: "0af7", count: 8)
        let server = TestServer()
        try await server.run { client async throws in
            let answer = try await client.send(
                .post, "/v1/recommendations", #"{"user_id":"u"}"#,
                headers: ["traceparent": "00-\(trace)-b7ad6b7169203331-01"])
            let response = try #require(answer.header("traceresponse")?.split(separator: "-").map(String.init))
            #expect(response.count == 4 && response[1] == trace && response[3] == "01")
            #expect(response[2].count == 16 && response[2] != "b7ad6b7169203331")
            #expect(server.log.lines.contains { $0.contains(#""trace_id":"\#(trace)""#) && $0.contains(response[2]) })
            let none = try await client.send(.get, "/v1/pipeline", headers: ["traceparent": "00-\(trace)-0-01"])
            #expect(none.status == 200 && none.header("traceresponse") == nil)
        }
        #expect(server.recommender.requests.first?.context.traceID == trace)
    }

    @Test(arguments: [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", true),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false),
        ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
        ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
        ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false), ("", false),
    ])
    func readsTraceParents(header: String, isOne: Bool) {
        #expect((TraceContext(header) != nil) == isOne)
    }
}
