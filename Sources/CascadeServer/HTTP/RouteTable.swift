/// The paths of the server with their methods: what a request for a wrong method learns, and what metrics are named by.
struct RouteTable: Sendable {
    private struct Entry {
        let template: String
        let segments: [Substring]
        var methods: [String]
    }

    private var entries: [Entry] = []

    /// Adds a route; segments of `template` in braces stand for any one segment.
    mutating func add(_ method: String, _ template: String) {
        if let index = entries.firstIndex(where: { $0.template == template }) {
            entries[index].methods.append(method)
        } else {
            entries.append(Entry(template: template, segments: template.split(separator: "/"), methods: [method]))
        }
    }

    /// All templates.
    var templates: [String] { entries.map(\.template) }

    /// The template of `path` (as it came, percent-encoded) and the methods it takes, or nil when nothing is there.
    func match(_ path: String) -> (template: String, methods: [String])? {
        let segments = path.split(separator: "/")
        let found = entries.first { entry in
            entry.segments.count == segments.count
                && zip(entry.segments, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return found.map { ($0.template, $0.methods) }
    }
}
