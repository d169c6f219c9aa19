import Foundation
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct RouteTableTests {
    private static let routes = Routes.all(
        TestServer().dependencies, HTTPMetrics(registry: TestServer().registry))

    @Test func matchesTemplates() {
        var table = RouteTable()
        table.add("GET", "/v1/items/{item_id}")
        table.add("PUT", "/v1/items/{item_id}")
        table.add("GET", "/v1/items/{item_id}/similar")
        #expect(table.match("/v1/items/a%2Fb")?.template == "/v1/items/{item_id}")
        #expect(table.match("/v1/items/a")?.methods == ["GET", "PUT"])
        #expect(table.match("/v1/items/a/similar")?.methods == ["GET"])
        for path in ["/", "/v1/items", "/v1/items/a/b", "/v1/items/a/b/similar", "/v1/Items/a"] {
            #expect(table.match(path)?.template == nil, "\(path)")
        }
    }

    @Test func everyRouteIsDocumented() throws {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath()
        let folder = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: folder.appending(path: "Docs/api.md"), encoding: .utf8)
        for route in Self.routes {
            #expect(text.contains("`\(route.method.rawValue) \(route.template)`"), "\(route.method) \(route.template)")
        }
        for code in ProblemCode.allCases { #expect(text.contains("| `\(code.rawValue)` | \(code.status.code) |")) }
    }

    @Test func writesAreWritersAndProbesAreProbes() {
        let changing: Set<HTTPRequest.Method> = [.put, .patch, .delete]
        for route in Self.routes {
            if changing.contains(route.method) { #expect(route.kind == .write, "\(route.template)") }
            if route.method == .get { #expect(route.kind != .write, "\(route.template)") }
        }
        for route in Self.routes where Routes.quiet.contains(route.template) { #expect(route.kind == .probe) }
    }
}
