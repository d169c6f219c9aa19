import CascadeCore

/// Turns the log odds that a ranker gives into those with which things happen, without changing their order.
///
/// The members of the family are fitted on rows that the ranker was not trained on; each is one file.
package protocol Calibrator: Sendable, Codable {
    static var method: CalibrationMethod { get }

    /// - Parameters:
    ///   - logOdds: [rows] what the ranker gave, finite.
    ///   - labels: [rows] what happened.
    /// - Throws: `CalibrationError` where the rows cannot tell.
    init(logOdds: [Double], labels: [Bool]) throws(CalibrationError)

    /// The log odds for those of the ranker; never less for greater ones.
    func calibrated(_ logOdds: Double) -> Double

    /// What keeps a calibrator that was read from a file from being used; nil for nothing.
    var problem: String? { get }
}

/// The members of the family, by the names that files and commands have for them.
package enum CalibrationMethod: String, Sendable, ChosenWord {
    case none
    case platt
    case isotonic

    /// The member of this name.
    package var calibrator: any Calibrator.Type {
        switch self {
        case .none: IdentityCalibrator.self
        case .platt: PlattCalibrator.self
        case .isotonic: IsotonicCalibrator.self
        }
    }
}

/// Why a calibrator cannot be fitted.
package enum CalibrationError: Error, Equatable, CustomStringConvertible {
    /// All rows have the same label, or there is no row.
    case oneClass(rows: Int, positives: Int)
    /// More probable rows are not more often positive, so that a calibrator would turn the order round.
    case unordered(slope: Double)

    package var description: String {
        switch self {
        case .oneClass(let rows, let positives):
            "\(positives) of \(rows) rows are positive, and both outcomes are needed"
        case .unordered(let slope):
            "rows that the ranker finds likelier are not more often positive (slope \(slope)), which is no matter of calibration"
        }
    }

    /// Throws unless both outcomes are among `labels`; gives the number of positives.
    static func check(_ labels: [Bool]) throws(CalibrationError) -> Int {
        let positives = labels.count { $0 }
        guard positives > 0, positives < labels.count else {
            throw .oneClass(rows: labels.count, positives: positives)
        }
        return positives
    }
}
