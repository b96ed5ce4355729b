/// An expression.
indirect enum TemplateExpression {
  case literal(TemplateValue)
  case name(String)
  case list([TemplateExpression])
  case dictionary([(TemplateExpression, TemplateExpression)])
  case member(TemplateExpression, TemplateExpression)
  case slice(TemplateExpression, TemplateExpression?, TemplateExpression?, TemplateExpression?)
  case call(TemplateExpression, TemplateCall)
  case filter(TemplateExpression, String, TemplateCall)
  case test(TemplateExpression, String, TemplateCall, isNegated: Bool)
  case negative(TemplateExpression)
  case not(TemplateExpression)
  case arithmetic(TemplateExpression, TemplateOperator, TemplateExpression)
  case comparison(TemplateExpression, [(TemplateComparison, TemplateExpression)])
  case and(TemplateExpression, TemplateExpression)
  case or(TemplateExpression, TemplateExpression)
  case conditional(TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
}

/// What a call gives.
struct TemplateCall {
  var positional: [TemplateExpression] = []
  var named: [(name: String, value: TemplateExpression)] = []
}

enum TemplateOperator: String {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case remainder = "%"
  case power = "**"
  case join = "~"
}

enum TemplateComparison: String {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case isNotIn = "not in"
}

/// A part of a template, with the line where it begins.
struct TemplateNode {
  let line: Int
  let kind: Kind

  indirect enum Kind {
    case text(String)
    case output(TemplateExpression)
    case choice([(condition: TemplateExpression, body: [TemplateNode])], otherwise: [TemplateNode])
    case loop(
      targets: [String], over: TemplateExpression, where: TemplateExpression?, body: [TemplateNode],
      otherwise: [TemplateNode])
    case set([String], TemplateExpression)
    case setMember(String, String, TemplateExpression)
    case setText(String, [TemplateNode])
    case macro(TemplateMacro)
    case block([TemplateNode])
    case filtered([TemplateNode], String, TemplateCall)
    case leave
    case next
  }
}

/// A macro: a template with parameters.
struct TemplateMacro {
  let name: String
  let parameters: [(name: String, standard: TemplateExpression?)]
  let body: [TemplateNode]
}
