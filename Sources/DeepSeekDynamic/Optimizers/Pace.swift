import DeepSeekOperators
import DeepSeekTensor
import Synchronization

/// What sets an optimizer's learning rates: rules, schedule and how many steps were made. The host knows it; a captured step
/// reads it anew before each run.
final class Pace: Sendable {
  struct Settings {
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
  var stepCount: Int { outsideCapture { count.value.withUnsafeElements(of: Int64.self) { Int($0[0]) } } }

  /// A group's learning rate at the next step.
  func learningRate(_ group: Int) -> Double {
    let made = stepCount
    return settings.withLock { settings in
      guard settings.rules.indices.contains(group) else { return 0 }
      return settings.rules[group].learningRate * (settings.schedule(made) * settings.factor)
    }
  }
}

/// Runs `body` with parameters meaning what they hold, though a capture may be under way.
func outsideCapture<Result>(_ body: () throws -> Result) rethrows -> Result {
  if CaptureScope.current == nil { return try body() }
  return try CaptureScope.$current.withValue(nil, operation: body)
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
