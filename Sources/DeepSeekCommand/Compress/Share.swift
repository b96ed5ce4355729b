import ArgumentParser

/// A part of a whole: `1%` or `0.01`.
struct Share: ExpressibleByArgument {
  let value: Double

  /// `nil` for what is no number from 0 to 1, or no percentage up to 100.
  init?(argument: String) {
    let isPercentage = argument.hasSuffix("%")
    guard let number = Double(isPercentage ? String(argument.dropLast()) : argument) else { return nil }
    let share = isPercentage ? number / 100 : number
    guard (0...1).contains(share) else { return nil }
    value = share
  }

  var defaultValueDescription: String { "\(value * 100)%" }
}
