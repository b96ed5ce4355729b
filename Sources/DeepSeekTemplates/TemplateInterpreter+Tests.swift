/// Jinja's tests: what may stand behind `is`.
extension TemplateInterpreter {
  func test(_ name: String, _ value: TemplateValue, _ arguments: TemplateArguments) throws(TemplateFailure) -> Bool {
    func operand() throws(TemplateFailure) -> TemplateValue {
      guard let operand = arguments[0, "other"] else { throw TemplateFailure("the test '\(name)' wants a value") }
      return operand
    }
    func whole() throws(TemplateFailure) -> Int {
      guard let number = value.integer else { throw TemplateFailure("\(value.kind) is neither odd nor even") }
      return number
    }
    switch name {
    case "defined": return !value.isUndefined
    case "undefined": return value.isUndefined
    case "none": if case .none = value { return true } else { return false }
    case "true": if case .bool(true) = value { return true } else { return false }
    case "false": if case .bool(false) = value { return true } else { return false }
    case "boolean": if case .bool = value { return true } else { return false }
    case "string": return value.string != nil
    case "integer": if case .integer = value { return true } else { return false }
    case "float": if case .double = value { return true } else { return false }
    case "number": return value.number != nil
    case "mapping": if case .dictionary = value { return true } else { return false }
    case "iterable": return value.elements != nil
    case "sequence":
      switch value {
      case .list, .string, .dictionary, .undefined: return true
      default: return false
      }
    case "callable": if case .function = value { return true } else { return false }
    case "odd": return try whole() % 2 != 0
    case "even": return try whole() % 2 == 0
    case "divisibleby":
      guard let divisor = try operand().integer, divisor != 0 else { throw TemplateFailure("divisibleby: no divisor") }
      return divisor == -1 ? true : try whole() % divisor == 0
    case "lower": return value.text == value.text.lowercased()
    case "upper": return value.text == value.text.uppercased()
    case "eq", "equalto": return try compare(.equal, value, operand())
    case "ne": return try compare(.notEqual, value, operand())
    case "lt", "lessthan": return try compare(.less, value, operand())
    case "le": return try compare(.lessOrEqual, value, operand())
    case "gt", "greaterthan": return try compare(.greater, value, operand())
    case "ge": return try compare(.greaterOrEqual, value, operand())
    case "in": return try compare(.isIn, value, operand())
    case "sameas":
      switch (value, try operand()) {
      case (.bool(let x), .bool(let y)): return x == y
      case (.bool, _), (_, .bool): return false
      case (let x, let y): return TemplateValue.areEqual(x, y)
      }
    default: throw TemplateFailure("the test '\(name)' is not known")
    }
  }
}
