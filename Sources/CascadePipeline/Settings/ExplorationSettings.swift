/// How far slates are left to chance; the `exploration` part of the `pipeline` section. Off by default.
///
/// Each place of the slate is drawn among those of the best `top` candidates that are left and keep the caps, without replacement:
/// with probability `1 - epsilon` by a softmax of the final scores over `temperature` (Plackett-Luce), else each alike.
package struct ExplorationSettings: Hashable, Sendable {
    /// In units of the score; 0 takes the best.
    package var temperature = 0.0
    /// The probability with which a place is drawn evenly, in 0...1.
    package var epsilon = 0.0
    /// How many candidates are drawn among; places that they do not fill go by the score.
    package var top = 100

    package init() {}

    package init(temperature: Double, epsilon: Double, top: Int = 100) {
        self.temperature = temperature
        self.epsilon = epsilon
        self.top = top
    }

    /// Whether anything is left to chance.
    package var isOn: Bool { temperature > 0 || epsilon > 0 }

    /// Everything that is wrong with the settings, each naming its key below `prefix`.
    package func problems(_ prefix: String = "exploration") -> [String] {
        var problems: [String] = []
        if !(temperature >= 0 && temperature.isFinite) {
            problems.append("\(prefix).temperature: \(temperature) is not 0 (the best) or more")
        }
        if !(0...1).contains(epsilon) { problems.append("\(prefix).epsilon: \(epsilon) is not from 0 to 1") }
        if !(1...1000).contains(top) { problems.append("\(prefix).top: \(top) is not from 1 to 1000") }
        return problems
    }
}

extension ExplorationSettings: Codable {
    private enum CodingKeys: String, CodingKey { case temperature, epsilon, top }

    /// Reads what is there; an absent key keeps its default.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        temperature = try container.decodeIfPresent(Double.self, forKey: .temperature) ?? temperature
        epsilon = try container.decodeIfPresent(Double.self, forKey: .epsilon) ?? epsilon
        top = try container.decodeIfPresent(Int.self, forKey: .top) ?? top
    }
}
