import Foundation

extension WorldRandom {
    /// A number from the standard normal distribution (Box and Muller, 1958).
    mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }
}

/// The logistic function.
func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-value)) }
