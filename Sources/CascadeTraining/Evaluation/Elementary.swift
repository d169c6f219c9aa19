import Foundation

/// The natural logarithm; Foundation's, named so that files without Foundation can call it.
func naturalLog(_ value: Double) -> Double { log(value) }

/// Foundation's power, likewise.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
