/// Dates and times as text, by ISO 8601 and the proleptic Gregorian calendar.
enum CalendarText {
  /// A day counted from 1 January 1970, as `YYYY-MM-DD`.
  static func date(_ days: Int) -> String {
    // Days from the 1st of March of the year 0, in eras of 400 years, so that the leap day ends a year (H. Hinnant,
    // "chrono-compatible low-level date algorithms").
    let (shifted, overflow) = days.addingReportingOverflow(719_468)
    guard !overflow else { return "day \(days)" }
    let daysPerEra = 146_097
    let era = (shifted >= 0 ? shifted : shifted - (daysPerEra - 1)) / daysPerEra
    let dayOfEra = shifted - era * daysPerEra
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let digits = String(year.magnitude)
    let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return "\(year < 0 ? "-" : "")\(padded)-\(two(month))-\(two(day))"
  }

  /// A time of day, with as many decimals as its unit has, or none when they are zero.
  static func time(_ count: Int, _ unit: TimeUnit) -> String {
    let (seconds, fraction) = floor(count, unit.perSecond)
    var text = "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    if fraction != 0 {
      let digits = String(fraction)
      let width = String(unit.perSecond).count - 1
      text += "." + String(repeating: "0", count: width - digits.count) + digits
    }
    return text
  }

  /// A moment counted from 1970.
  static func timestamp(_ count: Int, _ unit: TimeUnit) -> String {
    let (days, rest) = floor(count, unit.perSecond * 86400)
    return "\(date(days))T\(time(rest, unit))"
  }

  private static func two(_ number: Int) -> String { number >= 0 && number < 10 ? "0\(number)" : "\(number)" }

  private static func floor(_ count: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = count.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
