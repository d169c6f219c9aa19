import ArgumentParser

/// An argument `HEAD=FACTOR`.
struct HeadFactor: ExpressibleByArgument {
    let head: String
    let factor: Double

    init?(argument: String) {
        guard let sign = argument.lastIndex(of: "="), sign > argument.startIndex,
            let factor = Double(argument[argument.index(after: sign)...]), factor.isFinite
        else { return nil }
        head = String(argument[..<sign])
        self.factor = factor
    }

    /// The factors by head.
    static func dictionary(_ factors: [HeadFactor]) throws -> [String: Double] {
        var result: [String: Double] = [:]
        for factor in factors where result.updateValue(factor.factor, forKey: factor.head) != nil {
            throw ValidationError("\(factor.head) is given twice")
        }
        return result
    }
}
