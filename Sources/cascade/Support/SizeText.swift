import Foundation

/// Bytes, times and shares as people read them.
enum SizeText {
    /// Such as `3.2 GiB`.
    static func text(_ bytes: Int) -> String {
        var value = Double(bytes)
        for unit in ["bytes", "KiB", "MiB", "GiB"] {
            if value < 1024 { return unit == "bytes" ? "\(bytes) bytes" : String(format: "%.1f %@", value, unit) }
            value /= 1024
        }
        return String(format: "%.1f TiB", value)
    }

    /// A length of time in its largest unit, such as `3.5 h`.
    static func duration(_ seconds: Double) -> String {
        let units: [(Double, String)] = [(86_400, "d"), (3600, "h"), (60, "min")]
        for (length, unit) in units where abs(seconds) >= length {
            return String(format: "%.1f %@", seconds / length, unit)
        }
        return String(format: "%.0f s", seconds)
    }

    /// Such as `12.5 %`.
    static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
}
