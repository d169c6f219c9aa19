package import CascadeCore

/// What a user of an A/B test was shown, and did.
package struct ExperimentUser: Hashable, Sendable {
    package let user: String
    /// The arm that served the impressions.
    package let arm: String
    package let impressions: Int
    /// Impressions of which a signal was recorded, and which received it, by the order of the signals.
    package let signals: [Counts]

    package struct Counts: Hashable, Sendable {
        package let recorded: Int
        package let given: Int

        package init(recorded: Int, given: Int) {
            self.recorded = recorded
            self.given = given
        }
    }

    package init(user: String, arm: String, impressions: Int, signals: [Counts]) {
        self.user = user
        self.arm = arm
        self.impressions = impressions
        self.signals = signals
    }
}

/// The outcome of an A/B test. Users are the unit: they were assigned, and what one does hangs together.
package struct ExperimentReport: Hashable, Sendable, Codable {
    package let name: String
    /// In the order of the configuration; the first is the control.
    package let arms: [Arm]
    /// Users whom several arms served, because the test was changed while it ran; they count nowhere.
    package let mixedUsers: Int
    /// Impressions of arms that the configuration does not know.
    package let strangeImpressions: Int
    /// The p-value of the sample-ratio-mismatch test: Pearson's chi-square of the users against the arms' weights. Below
    /// `mismatchLimit` something lost users of an arm, and no difference means anything; nil without users.
    package let mismatch: Double?

    package static let mismatchLimit = 0.001

    package struct Arm: Hashable, Sendable, Codable {
        package let name: String
        package let users: Int
        package let impressions: Int
        /// `impressions`, a user, and each signal, an impression.
        package let rates: [Rate]
    }

    package struct Rate: Hashable, Sendable, Codable {
        package let name: String
        /// nil without impressions that record the signal.
        package let value: Double?
        /// 95 %, by the delta method over users.
        package let interval: ValueRange?
        /// Less the control's, with its 95 % interval; nil for the control.
        package let difference: Double?
        package let differenceInterval: ValueRange?

        private enum CodingKeys: String, CodingKey {
            case name, value, interval, difference
            case differenceInterval = "difference_interval"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case name, arms, mismatch
        case mixedUsers = "mixed_users"
        case strangeImpressions = "strange_impressions"
    }

    /// - Parameters:
    ///   - rows: one a user and arm.
    ///   - signals: the names of the rows' signals.
    package init(_ test: ExperimentSettings, _ rows: [ExperimentUser], signals: [String]) {
        name = test.name
        let known = Set(test.arms.map(\.name))
        strangeImpressions = rows.filter { !known.contains($0.arm) }.reduce(0) { $0 + $1.impressions }
        let times = Dictionary(rows.map { ($0.user, 1) }, uniquingKeysWith: +)
        mixedUsers = times.values.count { $0 > 1 }
        let kept = Dictionary(
            grouping: rows.filter { times[$0.user] == 1 && known.contains($0.arm) }, by: \.arm)
        let control = test.arms.first.map { Self.ratios(kept[$0.name] ?? [], signals) } ?? []
        arms = test.arms.enumerated().map { place, arm in
            let users = kept[arm.name] ?? []
            let ratios = Self.ratios(users, signals)
            let names = ["impressions"] + signals
            return Arm(
                name: arm.name, users: users.count, impressions: users.reduce(0) { $0 + $1.impressions },
                rates: names.indices.map { index in
                    Self.rate(names[index], ratios[index], place == 0 ? nil : control[index])
                })
        }
        mismatch = ChiSquareTest(counts: arms.map(\.users), shares: test.arms.map(\.weight))?.pValue
    }

    /// Impressions a user, then each signal an impression.
    private static func ratios(_ users: [ExperimentUser], _ signals: [String]) -> [ClusteredRatio] {
        [ClusteredRatio(users.map { (numerator: Double($0.impressions), denominator: 1) })]
            + signals.indices.map { index in
                ClusteredRatio(
                    users.map {
                        (numerator: Double($0.signals[index].given), denominator: Double($0.signals[index].recorded))
                    })
            }
    }

    /// The arms have no users in common, so the variances of a difference add up.
    private static func rate(_ name: String, _ own: ClusteredRatio, _ control: ClusteredRatio?) -> Rate {
        var difference: Double?
        var range: ValueRange?
        if let value = own.value, let other = control?.value {
            difference = value - other
            if let left = own.standardError, let right = control?.standardError {
                let error = (left * left + right * right).squareRoot()
                range = ValueRange(around: value - other, ClusteredRatio.quantile * error)
            }
        }
        return Rate(
            name: name, value: own.value, interval: own.interval, difference: difference, differenceInterval: range)
    }
}
