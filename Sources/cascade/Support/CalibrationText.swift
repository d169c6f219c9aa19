import CascadeTraining

/// What a calibration says on the terminal.
enum CalibrationText {
    /// What a calibration changes on the rows that it was fitted on.
    static func lines(of made: CalibrationRun.Result) -> [String] {
        let title = TrainingText.pad("on the stretch itself", 22)
        return ["\(title)   rows  positive  log loss raw  calibrated  ECE raw  calibrated"]
            + made.heads.map { head in
                TrainingText.pad(head.head, 20) + TrainingText.padLeft("\(head.rows)", 9)
                    + TrainingText.padLeft("\(head.positives)", 10)
                    + "        \(RankerText.cell(head.raw.logLoss))      "
                    + "\(RankerText.cell(head.calibrated.logLoss))   \(Terminal.number(head.raw.reliability.error))      "
                    + Terminal.number(head.calibrated.reliability.error)
            }
    }
}
