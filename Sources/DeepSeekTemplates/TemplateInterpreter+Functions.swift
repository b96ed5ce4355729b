/// The functions that every template may call.
extension TemplateInterpreter {
  /// What `range` gives at most, as Jinja's own sandbox has it.
  private static let longestRange = 100_000

  static func functions(now: @escaping (String) -> String) -> [TemplateFunction] {
    [
      TemplateFunction(name: "raise_exception") { arguments throws(TemplateFailure) in
        throw TemplateFailure(arguments[0, "message"]?.text ?? "the template refuses the conversation")
      },
      TemplateFunction(name: "strftime_now") { arguments throws(TemplateFailure) in
        guard let format = arguments[0, "format"]?.string else {
          throw TemplateFailure("strftime_now: a format is expected")
        }
        return .string(now(format))
      },
      TemplateFunction(name: "namespace") { arguments throws(TemplateFailure) in
        let namespace = TemplateNamespace()
        if case .dictionary(let dictionary)? = arguments.positional.first {
          for entry in dictionary.entries { namespace.values[entry.key.text] = entry.value }
        }
        for (name, value) in arguments.named { namespace.values[name] = value }
        return .namespace(namespace)
      },
      TemplateFunction(name: "dict") { arguments throws(TemplateFailure) in
        var dictionary = TemplateDictionary()
        if case .dictionary(let given)? = arguments.positional.first { dictionary = given }
        for (name, value) in arguments.named { dictionary[.string(name)] = value }
        return .dictionary(dictionary)
      },
      TemplateFunction(name: "range") { arguments throws(TemplateFailure) in try range(arguments) },
    ]
  }

  private static func range(_ arguments: TemplateArguments) throws(TemplateFailure) -> TemplateValue {
    let numbers = arguments.positional.compactMap(\.integer)
    guard (1...3).contains(numbers.count), numbers.count == arguments.positional.count else {
      throw TemplateFailure("range: one to three whole numbers are expected")
    }
    let (start, end) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
    let step = numbers.count == 3 ? numbers[2] : 1
    if step == 0 { throw TemplateFailure("range: a step of 0") }
    let (distance, isTooFar) = end.subtractingReportingOverflow(start)
    let reach = step == .min ? Int.max : abs(step)
    if isTooFar ? (end > start) != (step > 0) : distance == 0 || (distance > 0) != (step > 0) { return .list([]) }
    let count = isTooFar ? Int.max : Int((distance.magnitude - 1) / UInt(reach)) + 1
    if count > longestRange { throw TemplateFailure("range: more than \(longestRange) numbers") }
    return .list((0..<count).map { .integer(start + $0 * step) })
  }
}
