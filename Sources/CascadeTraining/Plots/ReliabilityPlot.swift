/// What happened over what was foretold, a point a bin and a curve a series; on the diagonal every probability is true.
struct ReliabilityPlot {
    struct Series {
        let name: String
        let reliability: Reliability
    }

    let title: String
    let series: [Series]

    private static let side = 440.0
    private static let left = 70.0
    private static let top = 40.0
    private static let legend = 230.0

    var svg: String {
        // The axes end where the points do, rounded up to a tenth.
        let greatest = series.flatMap(\.reliability.bins).map { max($0.meanPrediction, $0.rate) }.max() ?? 1
        let end = min(1, max(0.1, (greatest * 10).rounded(.up) / 10))
        func x(_ value: Double) -> Double { Self.left + value / end * Self.side }
        func y(_ value: Double) -> Double { Self.top + (1 - value / end) * Self.side }
        var elements = [SVG.text(Self.left, 24, title, size: 15)]
        for tick in 0...5 {
            let value = end * Double(tick) / 5
            elements.append(SVG.line(x(value), y(0), x(value), y(end), SVG.grid))
            elements.append(SVG.line(x(0), y(value), x(end), y(value), SVG.grid))
            elements.append(SVG.text(x(value), y(0) + 18, SVG.label(value), anchor: "middle"))
            elements.append(SVG.text(x(0) - 6, y(value) + 4, SVG.label(value), anchor: "end"))
        }
        elements.append(SVG.line(x(0), y(0), x(end), y(end), "#999999"))
        elements.append(SVG.text(x(end / 2), y(0) + 38, "mean prediction", anchor: "middle"))
        elements.append(SVG.text(Self.left, Self.top - 4, "rate"))
        for (number, one) in series.enumerated() {
            let colour = SVG.colours[number % SVG.colours.count]
            let points = one.reliability.bins.map { (x: x($0.meanPrediction), y: y($0.rate)) }
            elements.append(SVG.curve(points, colour))
            elements += points.map { SVG.dot($0.x, $0.y, radius: 3, colour) }
            let row = Self.top + 14 + Double(number) * 18
            let start = Self.left + Self.side + 14
            elements.append(SVG.line(start, row - 4, start + 18, row - 4, colour))
            elements.append(
                SVG.text(
                    start + 24, row, "\(one.name), ECE \(SVG.label((one.reliability.error * 1e4).rounded() / 1e4))"))
        }
        return SVG.picture(
            width: Self.left + Self.side + Self.legend, height: Self.top + Self.side + 50, elements)
    }
}
