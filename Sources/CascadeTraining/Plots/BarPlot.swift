/// Named values as bars from a common line, in their order.
struct BarPlot {
    let title: String
    /// What the values are.
    let axis: String
    let bars: [(name: String, value: Double)]

    private static let left = 260.0
    private static let width = 480.0
    private static let top = 40.0
    private static let step = 20.0

    var svg: String {
        let low = min(0, bars.map(\.value).min() ?? 0)
        let span = max(max(0, bars.map(\.value).max() ?? 0) - low, 1e-9)
        func x(_ value: Double) -> Double { Self.left + (value - low) / span * Self.width }
        var elements = [SVG.text(20, 24, title, size: 15)]
        let bottom = Self.top + Double(bars.count) * Self.step
        elements.append(SVG.line(x(0), Self.top, x(0), bottom, "#999999"))
        for (number, bar) in bars.enumerated() {
            let y = Self.top + Double(number) * Self.step
            elements.append(SVG.text(Self.left - 8, y + 14, bar.name, anchor: "end"))
            elements.append(
                SVG.bar(
                    min(x(0), x(bar.value)), y + 3, width: abs(x(bar.value) - x(0)), height: Self.step - 6,
                    SVG.colours[bar.value < 0 ? 1 : 0]))
            elements.append(
                SVG.text(max(x(0), x(bar.value)) + 6, y + 14, SVG.label((bar.value * 1e5).rounded() / 1e5), size: 11))
        }
        elements.append(SVG.text(Self.left + Self.width / 2, bottom + 22, axis, anchor: "middle"))
        return SVG.picture(width: Self.left + Self.width + 90, height: bottom + 40, elements)
    }
}
