#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension TemplateInterpreter {
  /// The value of an expression.
  func value(of expression: TemplateExpression) throws(TemplateFailure) -> TemplateValue {
    try step()
    switch expression {
    case .literal(let value): return value
    case .name(let name): return scope[name] ?? .undefined(name)
    case .list(let elements): return try TemplateValue.list(values(of: elements)).checked()
    case .dictionary(let entries):
      var dictionary = TemplateDictionary()
      for (key, value) in entries { dictionary[try self.value(of: key)] = try self.value(of: value) }
      return try TemplateValue.dictionary(dictionary).checked()
    case .member(let base, let key): return try member(value(of: base), value(of: key))
    case .slice(let base, let first, let last, let stride):
      return try slice(value(of: base), bound(first), bound(last), bound(stride) ?? 1)
    case .call(let callee, let call): return try self.call(callee, call)
    case .filter(let base, let name, let call):
      return try filter(name, value(of: base), arguments(call)).checked()
    case .test(let base, let name, let call, let isNegated):
      return .bool(try test(name, value(of: base), arguments(call)) != isNegated)
    case .negative(let operand):
      let value = try self.value(of: operand)
      if let number = value.integer, number != .min { return .integer(-number) }
      guard let number = value.number else { throw TemplateFailure("'-' before \(value.kind)") }
      return .double(-number)
    case .not(let operand): return .bool(!(try value(of: operand).isTrue))
    case .arithmetic(let left, let kind, let right):
      return try arithmetic(kind, value(of: left), value(of: right)).checked()
    case .comparison(let first, let rest):
      var left = try value(of: first)
      for (kind, operand) in rest {
        let right = try value(of: operand)
        if !(try compare(kind, left, right)) { return .bool(false) }
        left = right
      }
      return .bool(true)
    case .and(let left, let right):
      let value = try self.value(of: left)
      return value.isTrue ? try self.value(of: right) : value
    case .or(let left, let right):
      let value = try self.value(of: left)
      return value.isTrue ? value : try self.value(of: right)
    case .conditional(let condition, let then, let otherwise):
      if try value(of: condition).isTrue { return try value(of: then) }
      guard let otherwise else { return .undefined("the other branch of 'if'") }
      return try value(of: otherwise)
    }
  }

  private func values(of expressions: [TemplateExpression]) throws(TemplateFailure) -> [TemplateValue] {
    var values: [TemplateValue] = []
    for expression in expressions { values.append(try value(of: expression)) }
    return values
  }

  private func arguments(_ call: TemplateCall) throws(TemplateFailure) -> TemplateArguments {
    var arguments = TemplateArguments(positional: try values(of: call.positional))
    for (name, expression) in call.named { arguments.named.append((name, try value(of: expression))) }
    return arguments
  }

  private func call(_ callee: TemplateExpression, _ call: TemplateCall) throws(TemplateFailure) -> TemplateValue {
    // A method is a member of that name unless the value has one of its own.
    if case .member(let base, .literal(.string(let name))) = callee {
      let receiver = try value(of: base)
      if case .function(let function) = try ownMember(receiver, .string(name)) ?? .none {
        return try function.call(arguments(call)).checked()
      }
      return try method(name, receiver, arguments(call)).checked()
    }
    let value = try self.value(of: callee)
    guard case .function(let function) = value else { throw TemplateFailure("\(value.kind) cannot be called") }
    return try function.call(arguments(call)).checked()
  }

  // MARK: - Members

  func member(_ base: TemplateValue, _ key: TemplateValue) throws(TemplateFailure) -> TemplateValue {
    if case .undefined(let name) = base { throw TemplateFailure("'\(name)' is not defined, and so has no members") }
    return try ownMember(base, key) ?? .undefined(key.text)
  }

  private func ownMember(_ base: TemplateValue, _ key: TemplateValue) throws(TemplateFailure) -> TemplateValue? {
    switch base {
    case .dictionary(let dictionary): return dictionary[key]
    case .namespace(let namespace): return key.string.flatMap { namespace.values[$0] }
    case .list(let values):
      guard let index = key.integer else { return nil }
      let place = index < 0 ? index + values.count : index
      return values.indices.contains(place) ? values[place] : nil
    case .string(let text):
      guard let index = key.integer else { return nil }
      let scalars = Array(text.unicodeScalars)
      let place = index < 0 ? index + scalars.count : index
      return scalars.indices.contains(place) ? .string(String(scalars[place])) : nil
    default: return nil
    }
  }

  private func bound(_ expression: TemplateExpression?) throws(TemplateFailure) -> Int? {
    guard let expression else { return nil }
    let value = try self.value(of: expression)
    if case .none = value { return nil }
    guard let bound = value.integer else { throw TemplateFailure("\(value.kind) as a bound of a slice") }
    return bound
  }

  private func slice(
    _ base: TemplateValue, _ first: Int?, _ last: Int?, _ stride: Int
  ) throws(TemplateFailure) -> TemplateValue {
    if stride == 0 { throw TemplateFailure("a slice with a step of 0") }
    func chosen<Element>(_ all: [Element]) -> [Element] {
      let count = all.count
      // Bounds as Python takes them: from the end when negative, then within the whole.
      func place(_ bound: Int?, _ standard: Int) -> Int {
        guard let bound else { return standard }
        let place = bound < 0 ? bound + count : bound
        return stride > 0 ? min(max(place, 0), count) : min(max(place, -1), count - 1)
      }
      let begin = place(first, stride > 0 ? 0 : count - 1), end = place(last, stride > 0 ? count : -1)
      return Swift.stride(from: begin, to: end, by: min(max(stride, -count - 1), count + 1)).map { all[$0] }
    }
    switch base {
    case .list(let values): return .list(chosen(values))
    case .string(let text):
      var view = String.UnicodeScalarView()
      view.append(contentsOf: chosen(Array(text.unicodeScalars)))
      return .string(String(view))
    default: throw TemplateFailure("a slice of \(base.kind)")
    }
  }

  // MARK: - Operators

  func compare(
    _ kind: TemplateComparison, _ left: TemplateValue, _ right: TemplateValue
  ) throws(TemplateFailure) -> Bool {
    func isLess(_ a: TemplateValue, _ b: TemplateValue) throws(TemplateFailure) -> Bool {
      guard let result = TemplateValue.isLess(a, b) else {
        throw TemplateFailure("'\(kind.rawValue)' between \(left.kind) and \(right.kind)")
      }
      return result
    }
    switch kind {
    case .equal: return TemplateValue.areEqual(left, right)
    case .notEqual: return !TemplateValue.areEqual(left, right)
    case .less: return try isLess(left, right)
    case .greater: return try isLess(right, left)
    case .lessOrEqual: return try isLess(left, right) || TemplateValue.areEqual(left, right)
    case .greaterOrEqual: return try isLess(right, left) || TemplateValue.areEqual(left, right)
    case .isIn: return try contains(right, left)
    case .isNotIn: return !(try contains(right, left))
    }
  }

  private func contains(_ whole: TemplateValue, _ part: TemplateValue) throws(TemplateFailure) -> Bool {
    switch whole {
    case .string(let text):
      guard let wanted = part.string else { throw TemplateFailure("\(part.kind) 'in' a string") }
      return text.occurrences(of: wanted, atMost: 1).isEmpty == false
    case .list(let values): return values.contains { TemplateValue.areEqual($0, part) }
    case .dictionary(let dictionary): return dictionary[part] != nil
    case .undefined: return false
    default: throw TemplateFailure("'in' \(whole.kind)")
    }
  }

  private func arithmetic(
    _ kind: TemplateOperator, _ left: TemplateValue, _ right: TemplateValue
  ) throws(TemplateFailure) -> TemplateValue {
    if kind == .join { return .string(left.text + right.text) }
    switch (kind, left, right) {
    case (.add, .string(let x), .string(let y)): return .string(x + y)
    case (.add, .list(let x), .list(let y)): return .list(x + y)
    case (.multiply, .string(let text), .integer(let count)), (.multiply, .integer(let count), .string(let text)):
      return .string(String(repeating: text, count: try repetitions(count, text.utf8.count)))
    case (.multiply, .list(let values), .integer(let count)):
      return .list(Array(repeating: values, count: try repetitions(count, values.count * 16)).flatMap { $0 })
    default: break
    }
    guard let x = left.number, let y = right.number else {
      throw TemplateFailure("'\(kind.rawValue)' between \(left.kind) and \(right.kind)")
    }
    if [.divide, .floorDivide, .remainder].contains(kind) && y == 0 { throw TemplateFailure("a division by zero") }
    if let a = left.integer, let b = right.integer, let result = try whole(kind, a, b) { return .integer(result) }
    switch kind {
    case .add: return .double(x + y)
    case .subtract: return .double(x - y)
    case .multiply: return .double(x * y)
    case .divide: return .double(x / y)
    case .floorDivide: return .double((x / y).rounded(.down))
    case .remainder: return .double(x - (x / y).rounded(.down) * y)
    case .power: return .double(pow(x, y))
    case .join: return .none
    }
  }

  private func repetitions(_ count: Int, _ size: Int) throws(TemplateFailure) -> Int {
    let (bytes, isTooMuch) = max(count, 0).multipliedReportingOverflow(by: max(size, 1))
    if isTooMuch || bytes > TemplateValue.largestSize {
      throw TemplateFailure("a value of more than \(TemplateValue.largestSize) bytes")
    }
    return max(count, 0)
  }

  /// Of whole numbers, where the result is whole; with the sign that Python gives it.
  private func whole(_ kind: TemplateOperator, _ a: Int, _ b: Int) throws(TemplateFailure) -> Int? {
    var (result, isTooLarge) = (0, false)
    switch kind {
    case .add: (result, isTooLarge) = a.addingReportingOverflow(b)
    case .subtract: (result, isTooLarge) = a.subtractingReportingOverflow(b)
    case .multiply: (result, isTooLarge) = a.multipliedReportingOverflow(by: b)
    case .floorDivide, .remainder:
      let (quotient, overflows) = a.dividedReportingOverflow(by: b)
      let rest = overflows ? 0 : a % b
      let isAdjusted = rest != 0 && (rest < 0) != (b < 0)
      result = kind == .floorDivide ? quotient - (isAdjusted ? 1 : 0) : rest + (isAdjusted ? b : 0)
      isTooLarge = overflows && kind == .floorDivide
    case .power:
      if b < 0 { return nil }
      result = 1
      for _ in 0..<b {
        (result, isTooLarge) = result.multipliedReportingOverflow(by: a)
        if isTooLarge || result == 0 || (result == 1 && a == 1) { break }
        if a == -1 { return b % 2 == 0 ? 1 : -1 }
      }
    case .divide, .join: return nil
    }
    if isTooLarge { throw TemplateFailure("a whole number of more than 64 bits") }
    return result
  }
}
