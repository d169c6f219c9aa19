import Foundation
import Testing

@testable import CascadeNN

@Suite struct RotationTests {
    private static func random(_ count: Int, seed: UInt64) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 23) - 1
        }
    }

    /// Turns columns in pairs by angles, and mirrors the first one: an orthogonal map made by hand.
    private static func turned(_ rows: [Float], _ d: Int) -> [Float] {
        var result = rows
        for start in stride(from: 0, to: rows.count, by: d) {
            result[start] = -result[start]
            for first in 0..<d {
                for second in (first + 1)..<max(d, first + 1) {
                    let angle = Double(first * 7 + second * 3)
                    let (c, s) = (Float(cos(angle)), Float(sin(angle)))
                    let (a, b) = (result[start + first], result[start + second])
                    result[start + first] = c * a - s * b
                    result[start + second] = s * a + c * b
                }
            }
        }
        return result
    }

    private static func largest(_ left: [Float], _ right: [Float]) -> Float {
        zip(left, right).map { abs($0 - $1) }.max() ?? 0
    }

    /// RᵀR − 1.
    private static func distortion(_ rotation: Rotation) -> Float {
        let d = rotation.dimension
        var worst: Float = 0
        for left in 0..<d {
            for right in 0..<d {
                let product = (0..<d).reduce(Float(0)) {
                    $0 + rotation.matrix[$1 * d + left] * rotation.matrix[$1 * d + right]
                }
                worst = max(worst, abs(product - (left == right ? 1 : 0)))
            }
        }
        return worst
    }

    @Test(arguments: [1, 2, 5, 16, 64]) func aTurnedCopyIsFoundAgain(d: Int) throws {
        let rows = Self.random(3 * d * d, seed: UInt64(d))
        let other = Self.turned(rows, d)
        #expect(Self.largest(rows, other) > 0.1)
        let rotation = try Rotation(of: rows, onto: other, dimension: d)
        #expect(Self.largest(rotation.applied(to: rows), other) < 1e-4)
        #expect(Self.distortion(rotation) < 1e-4)
    }

    /// Of two spaces that are no copies, the map still keeps lengths, and brings them nearer than they lay.
    @Test func spacesThatDifferAreBroughtNear() throws {
        let d = 12
        let rows = Self.random(50 * d, seed: 1)
        let noise = Self.random(50 * d, seed: 2)
        let other = zip(Self.turned(rows, d), noise).map { $0 + 0.2 * $1 }
        let rotation = try Rotation(of: rows, onto: other, dimension: d)
        func distance(_ values: [Float]) -> Float { zip(values, other).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) }
        #expect(distance(rotation.applied(to: rows)) < 0.1 * distance(rows))
        #expect(Self.distortion(rotation) < 1e-4)
    }

    /// Fewer rows than dimensions, or none, leave directions open, and the map orthogonal.
    @Test(arguments: [0, 1, 3]) func fewRowsGiveAnOrthogonalMap(count: Int) throws {
        let rows = Self.random(count * 8, seed: 3)
        let other = Self.turned(rows, 8)
        let rotation = try Rotation(of: rows, onto: other, dimension: 8)
        #expect(Self.distortion(rotation) < 1e-4)
        #expect(Self.largest(rotation.applied(to: rows), other) < 1e-4)
    }

    @Test func rowsThatAreNotFiniteAreRefused() {
        #expect(throws: NNError.self) { try Rotation(of: [.nan, 1], onto: [1, 1], dimension: 2) }
    }
}
