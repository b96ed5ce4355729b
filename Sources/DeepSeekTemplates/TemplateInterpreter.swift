/// Runs a template: nodes here, expressions in an extension.
final class TemplateInterpreter {
  /// Names of one stretch of a template, inside those of another.
  final class Scope {
    var values: [String: TemplateValue] = [:]
    let outer: Scope?

    init(in outer: Scope?) { self.outer = outer }

    subscript(_ name: String) -> TemplateValue? {
      var scope: Scope? = self
      while let current = scope {
        if let value = current.values[name] { return value }
        scope = current.outer
      }
      return nil
    }
  }

  /// How a stretch of nodes ended.
  enum Ending { case whole, leave, next }

  /// What a loop's turn costs beside its body: a scope, and what the body may ask of the loop.
  private static let stepsOfTurn = 8
  private static let mostSteps = 1_000_000
  private static let deepestCall = 64

  let globals: Scope
  var scope: Scope
  private var output = ""
  private var steps = 0
  private var calls = 0

  /// With these names beside those that every template has.
  init(_ values: [(String, TemplateValue)], now: @escaping (String) -> String) {
    globals = Scope(in: nil)
    scope = globals
    for function in TemplateInterpreter.functions(now: now) { globals.values[function.name] = .function(function) }
    for (name, value) in values { globals.values[name] = value }
  }

  /// The text of a template.
  func text(of nodes: [TemplateNode]) throws(TemplateError) -> String {
    do throws(TemplateFailure) {
      _ = try run(nodes)
      return output
    } catch { throw TemplateError(reason: error.reason, line: error.line ?? 1) }
  }

  /// Counts steps, so that no template runs for ever.
  func step(_ count: Int = 1) throws(TemplateFailure) {
    steps += count
    if steps > TemplateInterpreter.mostSteps {
      throw TemplateFailure("more than \(TemplateInterpreter.mostSteps) steps")
    }
  }

  private func write(_ text: String) throws(TemplateFailure) {
    output += text
    if output.utf8.count > TemplateValue.largestSize {
      throw TemplateFailure("a text of more than \(output.utf8.count) bytes")
    }
  }

  private func run(_ nodes: [TemplateNode]) throws(TemplateFailure) -> Ending {
    for node in nodes {
      do throws(TemplateFailure) {
        try step()
        let ending = try run(node.kind)
        if ending != .whole { return ending }
      } catch {
        var failure = error
        failure.line = failure.line ?? node.line
        throw failure
      }
    }
    return .whole
  }

  private func run(_ kind: TemplateNode.Kind) throws(TemplateFailure) -> Ending {
    switch kind {
    case .text(let text): try write(text)
    case .output(let expression): try write(try value(of: expression).text)
    case .choice(let branches, let otherwise):
      for branch in branches where try value(of: branch.condition).isTrue { return try run(branch.body) }
      return try run(otherwise)
    case .loop(let targets, let over, let condition, let body, let otherwise):
      try loop(targets, over, condition, body, otherwise)
    case .set(let names, let expression): try assign(names, try value(of: expression))
    case .setMember(let name, let member, let expression):
      guard case .namespace(let namespace)? = scope[name] else {
        throw TemplateFailure("'\(name)' is no namespace: only one's members can be set")
      }
      namespace.values[member] = try value(of: expression)
    case .setText(let name, let body): scope.values[name] = .string(try captured(body))
    case .macro(let macro): scope.values[macro.name] = .function(function(macro))
    case .block(let body): return try run(body)
    case .filtered(let body, let filter, let call):
      try write(try value(of: .filter(.literal(.string(try captured(body))), filter, call)).text)
    case .leave: return .leave
    case .next: return .next
    }
    return .whole
  }

  private func assign(_ names: [String], _ value: TemplateValue) throws(TemplateFailure) {
    if names.count == 1 {
      scope.values[names[0]] = value
      return
    }
    guard let parts = value.elements, parts.count == names.count else {
      throw TemplateFailure("\(value.kind) cannot be divided among \(names.count) names")
    }
    for (name, part) in zip(names, parts) { scope.values[name] = part }
  }

  private func loop(
    _ targets: [String], _ over: TemplateExpression, _ condition: TemplateExpression?, _ body: [TemplateNode],
    _ otherwise: [TemplateNode]
  ) throws(TemplateFailure) {
    let source = try value(of: over)
    guard var elements = source.elements else { throw TemplateFailure("a loop over \(source.kind)") }
    let outer = scope
    defer { scope = outer }
    if let condition {
      var kept: [TemplateValue] = []
      for element in elements {
        try step()
        scope = Scope(in: outer)
        try assign(targets, element)
        if try value(of: condition).isTrue { kept.append(element) }
      }
      scope = outer
      elements = kept
    }
    if elements.isEmpty {
      _ = try run(otherwise)
      return
    }
    for (index, element) in elements.enumerated() {
      try step(TemplateInterpreter.stepsOfTurn)
      scope = Scope(in: outer)
      try assign(targets, element)
      scope.values["loop"] = TemplateInterpreter.loopValue(index, elements)
      if try run(body) == .leave { break }
    }
  }

  /// What a loop's body knows of it.
  private static func loopValue(_ index: Int, _ elements: [TemplateValue]) -> TemplateValue {
    let count = elements.count
    var members: [(String, TemplateValue)] = [
      ("index", .integer(index + 1)), ("index0", .integer(index)), ("revindex", .integer(count - index)),
      ("revindex0", .integer(count - index - 1)), ("first", .bool(index == 0)), ("last", .bool(index == count - 1)),
      ("length", .integer(count)),
    ]
    if index > 0 { members.append(("previtem", elements[index - 1])) }
    if index + 1 < count { members.append(("nextitem", elements[index + 1])) }
    let cycle = TemplateFunction(name: "cycle") { arguments throws(TemplateFailure) in
      if arguments.positional.isEmpty { throw TemplateFailure("cycle: nothing to choose from") }
      return arguments.positional[index % arguments.positional.count]
    }
    members.append(("cycle", .function(cycle)))
    let entries = members.map { member -> (TemplateValue, TemplateValue) in (.string(member.0), member.1) }
    return .dictionary(TemplateDictionary(distinct: entries))
  }

  /// What nodes would write.
  private func captured(_ nodes: [TemplateNode]) throws(TemplateFailure) -> String {
    let before = output
    output = ""
    defer { output = before }
    _ = try run(nodes)
    return output
  }

  private func function(_ macro: TemplateMacro) -> TemplateFunction {
    TemplateFunction(name: macro.name) { [unowned self] arguments throws(TemplateFailure) in
      try call(macro, arguments)
    }
  }

  private func call(_ macro: TemplateMacro, _ arguments: TemplateArguments) throws(TemplateFailure) -> TemplateValue {
    if arguments.positional.count > macro.parameters.count {
      throw TemplateFailure("\(macro.name): \(arguments.positional.count) arguments for \(macro.parameters.count)")
    }
    for argument in arguments.named where !macro.parameters.contains(where: { $0.name == argument.name }) {
      throw TemplateFailure("\(macro.name): no parameter '\(argument.name)'")
    }
    calls += 1
    defer { calls -= 1 }
    if calls > TemplateInterpreter.deepestCall { throw TemplateFailure("\(macro.name): too many calls in one another") }
    let caller = scope
    defer { scope = caller }
    scope = Scope(in: globals)
    for (place, parameter) in macro.parameters.enumerated() {
      if let given = arguments[place, parameter.name] {
        scope.values[parameter.name] = given
      } else {
        var standard = TemplateValue.undefined(parameter.name)
        if let expression = parameter.standard { standard = try value(of: expression) }
        scope.values[parameter.name] = standard
      }
    }
    return .string(try captured(macro.body))
  }
}
