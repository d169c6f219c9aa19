package import Foundation

/// What a release does to the probabilities of its ranker: a calibrator a head. A file of the release, where it has one.
package struct RankerCalibration: Sendable, Codable {
    package static let fileName = "calibration.json"

    /// The calibrator of one head.
    package struct Head: Sendable, Codable {
        package let head: String
        package let calibrator: any Calibrator

        private enum CodingKeys: String, CodingKey {
            case head
            case method
            case parameters
        }

        package init(head: String, calibrator: any Calibrator) {
            self.head = head
            self.calibrator = calibrator
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            head = try container.decode(String.self, forKey: .head)
            let method = try container.decode(CalibrationMethod.self, forKey: .method)
            calibrator = try method.calibrator.init(from: container.superDecoder(forKey: .parameters))
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(head, forKey: .head)
            try container.encode(type(of: calibrator).method, forKey: .method)
            try calibrator.encode(to: container.superEncoder(forKey: .parameters))
        }
    }

    /// One a head, in the order of the feature map's heads.
    package let heads: [Head]
    /// RFC 3339 times of the rows that it was fitted on.
    package let from: String
    package let until: String

    package init(heads: [Head], from: String, until: String) {
        self.heads = heads
        self.from = from
        self.until = until
    }

    /// The calibrated probabilities for those of a ranker: [rows × heads]. What is no number stays none.
    ///
    /// - Parameter columns: numbers of a row, where values that are no probabilities stand behind those of the heads; they
    ///   stay as they are.
    package func calibrated(_ probabilities: [Float], columns: Int? = nil) -> [Float] {
        var result = probabilities
        for (head, one) in heads.enumerated() where !(one.calibrator is IdentityCalibrator) {
            for index in stride(from: head, to: result.count, by: columns ?? heads.count) {
                result[index] = Self.probability(result[index], by: one.calibrator)
            }
        }
        return result
    }

    /// The log odds of a probability, which is kept as far off 0 and 1 as a float can tell.
    package static func logOdds(_ probability: Float) -> Double {
        guard !probability.isNaN else { return .nan }
        let kept = min(max(Double(probability), 1e-7), 1 - 1e-7)
        return log(kept / (1 - kept))
    }

    /// What a calibrator makes of one probability.
    package static func probability(_ probability: Float, by calibrator: any Calibrator) -> Float {
        Float(1 / (1 + exp(-calibrator.calibrated(logOdds(probability)))))
    }

    /// The calibration as JSON with sorted keys.
    package func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return try encoder.encode(self)
    }

    /// Reads the bytes of the file at `path`.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file where it does not fit a ranker of `heads`.
    package static func decode(_ data: Data, heads: [String], path: String) throws(ModelError) -> RankerCalibration {
        guard let read = try? JSONDecoder().decode(RankerCalibration.self, from: data) else {
            throw .corruptArtifact(file: path, reason: "it holds no calibration that this program knows")
        }
        guard read.heads.map(\.head) == heads else {
            throw .corruptArtifact(
                file: path,
                reason: "it calibrates \(read.heads.map(\.head).joined(separator: ", ")), "
                    + "the ranker has \(heads.joined(separator: ", "))")
        }
        for one in read.heads {
            if let problem = one.calibrator.problem {
                throw .corruptArtifact(file: path, reason: "the calibrator of '\(one.head)' has \(problem)")
            }
        }
        return read
    }
}
