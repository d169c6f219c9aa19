import Foundation

/// A learning rate for each step, counted from 0.
package protocol Schedule: Sendable {
    /// The rate of a step.
    func rate(at step: Int) -> Float
}

/// The same rate in every step.
package struct ConstantRate: Schedule {
    let value: Float

    /// The rate.
    package init(_ value: Float) {
        self.value = value
    }

    package func rate(at step: Int) -> Float { value }
}

/// Rises linearly over the first steps to the rate that `then` gives for its own first step, then follows `then`.
package struct LinearWarmup: Schedule {
    let steps: Int
    let then: any Schedule

    /// Steps of the rise (0: none), and what follows.
    package init(steps: Int, then: any Schedule) {
        self.steps = steps
        self.then = then
    }

    package func rate(at step: Int) -> Float {
        step < steps ? then.rate(at: 0) * Float(step + 1) / Float(steps) : then.rate(at: step - steps)
    }
}

/// The rate of another schedule for some steps, then none: what it trains stays as it is.
package struct StoppedRate: Schedule {
    let steps: Int
    let other: any Schedule

    /// The steps that follow `other`.
    package init(after steps: Int, of other: any Schedule) {
        self.steps = steps
        self.other = other
    }

    package func rate(at step: Int) -> Float { step < steps ? other.rate(at: step) : 0 }
}

/// Half a cosine from `peak` down to `floor` over `steps`, then `floor`.
package struct CosineRate: Schedule {
    let peak: Float
    let floor: Float
    let steps: Int

    /// First and last rate, and the steps between them (positive).
    package init(peak: Float, floor: Float = 0, steps: Int) {
        self.peak = peak
        self.floor = floor
        self.steps = steps
    }

    package func rate(at step: Int) -> Float {
        guard step < steps else { return floor }
        let share = 0.5 * (1 + cos(Double.pi * Double(step) / Double(steps)))
        return floor + (peak - floor) * Float(share)
    }
}

/// Falls from `peak` to `floor` in a straight line over `steps`, then `floor`.
package struct LinearRate: Schedule {
    let peak: Float
    let floor: Float
    let steps: Int

    /// First and last rate, and the steps between them (positive).
    package init(peak: Float, floor: Float = 0, steps: Int) {
        self.peak = peak
        self.floor = floor
        self.steps = steps
    }

    package func rate(at step: Int) -> Float {
        step < steps ? peak + (floor - peak) * Float(step) / Float(steps) : floor
    }
}

/// Multiplied by `factor` after every `every` steps, at once.
package struct StepDecay: Schedule {
    let rate: Float
    let factor: Float
    let every: Int

    /// First rate, its factor, and after how many steps (positive) the factor applies.
    package init(rate: Float, factor: Float, every: Int) {
        self.rate = rate
        self.factor = factor
        self.every = every
    }

    package func rate(at step: Int) -> Float { rate * Float(pow(Double(factor), Double(step / every))) }
}

/// Multiplied by `factor` over every `every` steps, smoothly.
package struct ExponentialDecay: Schedule {
    let rate: Float
    let factor: Float
    let every: Int

    /// First rate, its factor, and after how many steps (positive) the factor applies.
    package init(rate: Float, factor: Float, every: Int) {
        self.rate = rate
        self.factor = factor
        self.every = every
    }

    package func rate(at step: Int) -> Float { rate * Float(pow(Double(factor), Double(step) / Double(every))) }
}
