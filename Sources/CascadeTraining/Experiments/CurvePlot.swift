import Foundation

/// Curves as an SVG picture: axes with rounded ticks, a colour a series, a legend.
struct CurvePlot {
    struct Series {
        let name: String
        let points: [(x: Double, y: Double)]
    }

    let title: String
    let series: [Series]

    private static let width = 860.0
    private static let height = 480.0
    private static let left = 70.0
    private static let right = 230.0
    private static let top = 40.0
    private static let bottom = 50.0
    private static let colours = [
        "#1b6ca8", "#d1495b", "#2e8b57", "#e08e0b", "#7b5ea7", "#138d90", "#a0522d", "#5c677d",
    ]

    var svg: String {
        let points = series.flatMap(\.points)
        let x = Axis(points.map(\.x))
        let y = Axis(points.map(\.y))
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\""
                + " font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            text(Self.left, 24, title, size: 15),
        ]
        for tick in x.ticks {
            let at = place(tick, x, from: Self.left, to: Self.width - Self.right)
            lines.append(line(at, Self.top, at, Self.height - Self.bottom, "#e3e3e3"))
            lines.append(text(at, Self.height - Self.bottom + 18, label(tick), anchor: "middle"))
        }
        for tick in y.ticks {
            let at = place(tick, y, from: Self.height - Self.bottom, to: Self.top)
            lines.append(line(Self.left, at, Self.width - Self.right, at, "#e3e3e3"))
            lines.append(text(Self.left - 6, at + 4, label(tick), anchor: "end"))
        }
        lines.append(text((Self.left + Self.width - Self.right) / 2, Self.height - 12, "epoch", anchor: "middle"))
        for (number, one) in series.enumerated() {
            let colour = Self.colours[number % Self.colours.count]
            let path = one.points.map { point in
                let px = place(point.x, x, from: Self.left, to: Self.width - Self.right)
                let py = place(point.y, y, from: Self.height - Self.bottom, to: Self.top)
                return String(format: "%.1f,%.1f", px, py)
            }
            lines.append(
                "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.8\" points=\"\(path.joined(separator: " "))\"/>"
            )
            let row = Self.top + 14 + Double(number) * 18
            let start = Self.width - Self.right + 14
            lines.append(line(start, row - 4, start + 18, row - 4, colour))
            lines.append(text(start + 24, row, one.name))
        }
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    /// The range of one axis with about five rounded ticks.
    private struct Axis {
        let low: Double
        let high: Double
        let ticks: [Double]

        init(_ values: [Double]) {
            let finite = values.filter(\.isFinite)
            var low = finite.min() ?? 0
            var high = finite.max() ?? 1
            if low == high { (low, high) = (low - 0.5, high + 0.5) }
            let rough = (high - low) / 5
            let unit = pow(10, floor(log10(rough)))
            let step = [1.0, 2, 5, 10].map { $0 * unit }.first { $0 >= rough } ?? rough
            ticks = stride(from: (low / step).rounded(.up) * step, through: high + step * 1e-9, by: step).map { $0 }
            self.low = low
            self.high = high
        }
    }

    private func place(_ value: Double, _ axis: Axis, from: Double, to: Double) -> Double {
        from + (value - axis.low) / (axis.high - axis.low) * (to - from)
    }

    private func label(_ value: Double) -> String { String(format: "%.6g", value == 0 ? 0 : value) }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) -> String {
        String(format: "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%@\"/>", x1, y1, x2, y2, colour)
    }

    private func text(_ x: Double, _ y: Double, _ content: String, size: Int = 12, anchor: String = "start") -> String {
        let escaped = content.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return String(format: "<text x=\"%.1f\" y=\"%.1f\"", x, y)
            + " font-size=\"\(size)\" text-anchor=\"\(anchor)\">\(escaped)</text>"
    }
}
