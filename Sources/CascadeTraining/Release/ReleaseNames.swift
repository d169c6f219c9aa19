package import CascadeCore

/// Identifiers of releases and models: a prefix, the time of making, and digits of a random number.
package enum ReleaseNames {
    package static func make(_ prefix: String, at time: Timestamp, random: UInt64) -> String {
        let digits = time.rfc3339.prefix(19).filter { $0.isNumber }
        let tail = String(random & 0xFFFF_FFFF, radix: 36)
        return "\(prefix)_\(digits)_\(tail)"
    }
}
