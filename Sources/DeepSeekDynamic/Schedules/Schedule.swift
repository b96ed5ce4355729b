#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the learning rate is multiplied by at each step: a pure function of the number of steps made before.
///
/// ```swift
/// let schedule = Schedule.linear(warmupSteps: 100, totalSteps: 1000)
/// schedule(50)  // 0.5
/// ```
public struct Schedule: Sendable {
  private let factor: @Sendable (Int) -> Double

  /// A schedule of one's own.
  public init(_ factor: @escaping @Sendable (_ step: Int) -> Double) { self.factor = factor }

  /// The factor at a step, counted from 0.
  public func callAsFunction(_ step: Int) -> Double { factor(step) }

  /// The product of two schedules.
  public static func * (left: Schedule, right: Schedule) -> Schedule { Schedule { left($0) * right($0) } }

  /// This schedule up to `step`, then `next`, which counts from there.
  public func then(at step: Int, _ next: Schedule) -> Schedule {
    Schedule { $0 < step ? self($0) : next($0 - step) }
  }
}

extension Schedule {
  /// 1 throughout.
  public static let constant = Schedule { _ in 1 }

  /// Rises from 0 to 1 over the first steps, then stays.
  public static func warmup(steps: Int) -> Schedule {
    Schedule { $0 < steps ? Double($0) / Double(Swift.max(steps, 1)) : 1 }
  }

  /// Rises from 0 to 1 over `warmupSteps`, then falls in a line to 0 at `totalSteps`.
  public static func linear(warmupSteps: Int = 0, totalSteps: Int) -> Schedule {
    afterWarmup(warmupSteps, totalSteps) { 1 - $0 }
  }

  /// Rises from 0 to 1 over `warmupSteps`, then falls along a cosine to `floor` at `totalSteps` (Loshchilov and Hutter,
  /// "SGDR", 2017, without restarts).
  public static func cosine(warmupSteps: Int = 0, totalSteps: Int, floor: Double = 0) -> Schedule {
    afterWarmup(warmupSteps, totalSteps) { floor + (1 - floor) * 0.5 * (1 + cos(Double.pi * $0)) }
  }

  /// Rises over `warmupSteps`, then falls along `cycles` cosines of equal length, each starting again at 1; 0 at
  /// `totalSteps`.
  public static func cosineWithHardRestarts(warmupSteps: Int = 0, totalSteps: Int, cycles: Int) -> Schedule {
    afterWarmup(warmupSteps, totalSteps) { progress in
      if progress >= 1 { return 0 }
      let position = Double(cycles) * progress
      return 0.5 * (1 + cos(Double.pi * (position - position.rounded(.down))))
    }
  }

  /// Cosines from 1 to `floor` one after another: the first takes `period` steps, each other `growth` times as many as the
  /// one before (SGDR).
  public static func cosineWarmRestarts(period: Int, growth: Int = 1, floor: Double = 0) -> Schedule {
    if period < 1 || growth < 1 {
      fatalError("Schedule.cosineWarmRestarts: period \(period) and growth \(growth) must be at least 1")
    }
    return Schedule { step in
      var (position, length) = (step, period)
      if growth == 1 { position %= period }
      while position >= length {
        position -= length
        length *= growth
      }
      return floor + (1 - floor) * 0.5 * (1 + cos(Double.pi * Double(position) / Double(length)))
    }
  }

  /// Rises over `warmupSteps`, then falls as `(1 - progress)^power` to `floor` at `totalSteps`.
  public static func polynomial(
    warmupSteps: Int = 0, totalSteps: Int, power: Double = 1, floor: Double = 0
  ) -> Schedule {
    afterWarmup(warmupSteps, totalSteps) { floor + (1 - floor) * pow(1 - $0, power) }
  }

  /// Multiplied by `factor` after every `period` steps.
  public static func step(period: Int, factor: Double = 0.1) -> Schedule {
    if period < 1 { fatalError("Schedule.step: period \(period) must be at least 1") }
    return Schedule { pow(factor, Double($0 / period)) }
  }

  /// Multiplied by `factor` at each of these steps.
  public static func step(at milestones: [Int], factor: Double = 0.1) -> Schedule {
    Schedule { step in pow(factor, Double(milestones.count { $0 <= step })) }
  }

  /// Multiplied by `factor` at every step.
  public static func exponential(factor: Double) -> Schedule { Schedule { pow(factor, Double($0)) } }

  /// Rises over `warmupSteps`, then falls as the inverse square root of the step (Vaswani and others, 2017): to half after three
  /// times `timescale` steps more. As in Hugging Face's libraries the scale is the length of the warm-up, and 10,000 steps
  /// without one. Traps when it is not positive.
  public static func inverseSquareRoot(warmupSteps: Int = 0, timescale: Int? = nil) -> Schedule {
    let scale = Double(timescale ?? (warmupSteps > 0 ? warmupSteps : 10_000))
    if scale < 1 { fatalError("Schedule.inverseSquareRoot: a timescale of \(scale) steps; at least 1 is expected") }
    return Schedule { step in
      if step < warmupSteps { return Double(step) / Double(warmupSteps) }
      return (scale / (Double(step - warmupSteps) + scale)).squareRoot()
    }
  }

  /// Rises over `warmupSteps`, stays, and falls along a cosine to `floor` over the last `decaySteps` of `totalSteps` (Hu and
  /// others, "MiniCPM", arXiv:2404.06395).
  public static func warmupStableDecay(
    warmupSteps: Int = 0, totalSteps: Int, decaySteps: Int, floor: Double = 0
  ) -> Schedule {
    let fall = Swift.max(totalSteps - decaySteps, warmupSteps)
    return Schedule { step in
      if step < warmupSteps { return floor + (1 - floor) * Double(step) / Double(warmupSteps) }
      if step < fall { return 1 }
      let progress = Double(step - fall) / Double(Swift.max(decaySteps, 1))
      return floor + (1 - floor) * 0.5 * (1 + cos(Double.pi * Swift.min(progress, 1)))
    }
  }

  /// From 1 / `startDivisor` up to 1 over the first `rise` of the steps, then down to 1 / (`startDivisor` × `endDivisor`),
  /// both along cosines (Smith and Topin, 2019): the rule's learning rate is the peak. As PyTorch's `OneCycleLR`, the
  /// learning rate alone.
  public static func oneCycle(
    totalSteps: Int, rise: Double = 0.3, startDivisor: Double = 25, endDivisor: Double = 1e4
  ) -> Schedule {
    let start = 1 / startDivisor
    let end = start / endDivisor
    let peak = rise * Double(totalSteps) - 1
    let last = Double(totalSteps - 1)
    @Sendable func between(_ from: Double, _ to: Double, _ progress: Double) -> Double {
      to + (from - to) / 2 * (1 + cos(Double.pi * progress))
    }
    return Schedule { step in
      let position = Swift.min(Double(step), last)
      return position <= peak
        ? between(start, 1, position / peak) : between(1, end, (position - peak) / (last - peak))
    }
  }

  /// A rise from 0 to 1, then `fall` of the progress from 0 to 1, which stays at 1 after `totalSteps`.
  private static func afterWarmup(
    _ warmupSteps: Int, _ totalSteps: Int, _ fall: @escaping @Sendable (Double) -> Double
  ) -> Schedule {
    Schedule { step in
      if step < warmupSteps { return Double(step) / Double(warmupSteps) }
      let progress = Double(step - warmupSteps) / Double(Swift.max(totalSteps - warmupSteps, 1))
      return fall(Swift.min(progress, 1))
    }
  }
}
