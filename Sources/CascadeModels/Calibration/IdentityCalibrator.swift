/// Leaves probabilities as the ranker gives them.
package struct IdentityCalibrator: Calibrator, Equatable {
    package static let method = CalibrationMethod.none

    package init() {}

    package init(logOdds: [Double], labels: [Bool]) throws(CalibrationError) {}

    package func calibrated(_ logOdds: Double) -> Double { logOdds }

    package var problem: String? { nil }
}
