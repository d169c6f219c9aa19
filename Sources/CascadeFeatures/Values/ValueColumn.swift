package import CascadeCore

extension InteractionLog {
    /// [rows] the value of the feedback `signal` that a row tells: that of the event, 0 where an impression recorded the signal
    /// and it was not given, NaN where nothing is known. All NaN where the values were not read.
    package func valueColumn(of signal: String) -> Column<Float> {
        guard let given = values[signal] else { return Column(repeating: .nan, count: count, at: place) }
        let bit = mask(of: signal)
        func value(_ row: Int) -> Float {
            guard isImpression[row] else { return .nan }
            if feedback[row] & bit != 0 { return given[row] }
            return observed[row] & bit != 0 ? 0 : .nan
        }
        return Column((0..<count).lazy.map(value), at: place)
    }
}
