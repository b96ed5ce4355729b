import DeepSeekOperators
import DeepSeekTensor
import Synchronization

/// What sets an optimizer's learning rates: rules, schedule and how many steps were made. The host knows it; a captured step
/// reads it anew before each run.
final class Pace: Sendable {
  struct Settings: Sendable {
    var rules: [any UpdateRule]
    var schedule: Schedule
    var factor = 1.0
  }

  let settings: Mutex<Settings>
  /// How many steps were made, `int64[]`: a captured step counts here too.
  let count = Parameter(Tensor([], [Int64(0)]), isTrainable: false)

  init(_ rules: [any UpdateRule], _ schedule: Schedule) {
    settings = Mutex(Settings(rules: rules, schedule: schedule))
  }

  /// How many steps were made up to now, even inside a capture.
  var stepCount: Int {
    RandomGenerator.outsideCapture { count.value.withUnsafeElements(of: Int64.self) { Int($0[0]) } }
  }

  /// A group's learning rate at the next step.
  func learningRate(_ group: Int) -> Double {
    // Schedules are their users' code, which may ask the optimizer something: they run outside the lock.
    let current = settings.withLock { $0 }
    guard current.rules.indices.contains(group) else { return 0 }
    return current.rules[group].learningRate * (current.schedule(stepCount) * current.factor)
  }
}

extension Parameter {
  /// Adds one to a number of type `int64[]`.
  func increment() {
    update { number in
      if number.graphValue != nil {
        number = number + 1
      } else {
        number.withUnsafeMutableBytes { $0.assumingMemoryBound(to: Int64.self)[0] &+= 1 }
      }
    }
  }
}
