import Foundation

/// The pieces that plots are put together from.
enum SVG {
    /// A colour a series, in turns.
    static let colours = [
        "#1b6ca8", "#d1495b", "#2e8b57", "#e08e0b", "#7b5ea7", "#138d90", "#a0522d", "#5c677d",
    ]
    static let grid = "#e3e3e3"

    /// A picture of this size with a white ground.
    static func picture(width: Double, height: Double, _ elements: [String]) -> String {
        let head =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(width)) \(Int(height))\""
            + " font-family=\"sans-serif\" font-size=\"12\">"
        return ([head, "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"] + elements + ["</svg>", ""])
            .joined(separator: "\n")
    }

    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) -> String {
        String(format: "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%@\"/>", x1, y1, x2, y2, colour)
    }

    static func curve(_ points: [(x: Double, y: Double)], _ colour: String) -> String {
        let path = points.map { String(format: "%.1f,%.1f", $0.x, $0.y) }.joined(separator: " ")
        return "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.8\" points=\"\(path)\"/>"
    }

    static func dot(_ x: Double, _ y: Double, radius: Double, _ colour: String) -> String {
        String(format: "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%@\"/>", x, y, radius, colour)
    }

    static func bar(_ x: Double, _ y: Double, width: Double, height: Double, _ colour: String) -> String {
        String(
            format: "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%@\"/>", x, y, width, height,
            colour)
    }

    static func text(
        _ x: Double, _ y: Double, _ content: String, size: Int = 12, anchor: String = "start"
    ) -> String {
        let escaped = content.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return String(format: "<text x=\"%.1f\" y=\"%.1f\"", x, y)
            + " font-size=\"\(size)\" text-anchor=\"\(anchor)\">\(escaped)</text>"
    }

    /// A number as ticks have it.
    static func label(_ value: Double) -> String { String(format: "%.6g", value == 0 ? 0 : value) }
}
