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

    var svg: String {
        let points = series.flatMap(\.points)
        let x = Axis(points.map(\.x))
        let y = Axis(points.map(\.y))
        var lines = [SVG.text(Self.left, 24, title, size: 15)]
        for tick in x.ticks {
            let at = place(tick, x, from: Self.left, to: Self.width - Self.right)
            lines.append(SVG.line(at, Self.top, at, Self.height - Self.bottom, SVG.grid))
            lines.append(SVG.text(at, Self.height - Self.bottom + 18, SVG.label(tick), anchor: "middle"))
        }
        for tick in y.ticks {
            let at = place(tick, y, from: Self.height - Self.bottom, to: Self.top)
            lines.append(SVG.line(Self.left, at, Self.width - Self.right, at, SVG.grid))
            lines.append(SVG.text(Self.left - 6, at + 4, SVG.label(tick), anchor: "end"))
        }
        lines.append(SVG.text((Self.left + Self.width - Self.right) / 2, Self.height - 12, "epoch", anchor: "middle"))
        for (number, one) in series.enumerated() {
            let colour = SVG.colours[number % SVG.colours.count]
            lines.append(
                SVG.curve(
                    one.points.map { point in
                        (
                            x: place(point.x, x, from: Self.left, to: Self.width - Self.right),
                            y: place(point.y, y, from: Self.height - Self.bottom, to: Self.top)
                        )
                    }, colour))
            let row = Self.top + 14 + Double(number) * 18
            let start = Self.width - Self.right + 14
            lines.append(SVG.line(start, row - 4, start + 18, row - 4, colour))
            lines.append(SVG.text(start + 24, row, one.name))
        }
        return SVG.picture(width: Self.width, height: Self.height, lines)
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
}
