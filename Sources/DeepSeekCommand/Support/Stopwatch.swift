/// Times pieces of work.
enum Stopwatch {
  /// The time that `body` takes once, in seconds.
  static func time(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    let elapsed = ContinuousClock.now - start
    return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  }

  /// The times of runs of `body` after one to warm up: as many as fit into `seconds`, at least `minimum`.
  static func samples(seconds: Double, minimum: Int = 3, _ body: () throws -> Void) rethrows -> [Double] {
    try body()
    var samples: [Double] = []
    var total = 0.0
    while total < seconds || samples.count < minimum {
      let sample = try time(body)
      samples.append(sample)
      total += sample
    }
    return samples
  }

  /// The shortest of ``samples(seconds:minimum:_:)``.
  static func best(seconds: Double, _ body: () throws -> Void) rethrows -> Double {
    try samples(seconds: seconds, body).min()!
  }
}

extension [Double] {
  /// The middle value; of an even count, the mean of the two in the middle. NaN of nothing.
  var median: Double {
    guard !isEmpty else { return .nan }
    let sorted = sorted()
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }

  /// The smallest value that at least `share` percent do not exceed. NaN of nothing.
  func percentile(_ share: Double) -> Double {
    guard !isEmpty else { return .nan }
    let place = (Double(count) * share / 100).rounded(.up)
    return sorted()[Swift.min(Swift.max(Int(place), 1), count) - 1]
  }
}
