import Synchronization

/// The symbols of one graph by name, so that a graph read back has one symbol where it had one when written.
///
/// Given to a decoder as `userInfo[SymbolScope.key]`.
public final class SymbolScope: Sendable {
  /// The key under which decoders carry the scope.
  public static let key = CodingUserInfoKey(rawValue: "DeepSeek.SymbolScope")!
  private let symbols = Mutex<[String: Dimension]>([:])

  /// A scope without symbols.
  public init() {}

  /// The scope's symbol of this name, made the first time it is asked for.
  public func symbol(_ name: String) -> Dimension {
    symbols.withLock { symbols in
      if let known = symbols[name] { return known }
      let made = Dimension.symbol(name)
      symbols[name] = made
      return made
    }
  }
}

extension Dimension: Codable {
  /// No machine has memory for more elements along one axis; products of such lengths stay far from overflow.
  static let maximumDecoded = 1 << 40

  private enum Keys: String, CodingKey {
    case name, operation, left, right
  }

  /// Writes a number, or an object with a symbol's name or an expression's parts. Symbols of one graph need different
  /// names.
  public func encode(to encoder: any Encoder) throws {
    if let known {
      var container = encoder.singleValueContainer()
      return try container.encode(known)
    }
    var container = encoder.container(keyedBy: Keys.self)
    switch SymbolTable.shared[~word] {
    case .named(let name, _): try container.encode(name, forKey: .name)
    case .expression(let operation, let left, let right):
      try container.encode(operation.rawValue, forKey: .operation)
      try container.encode(left, forKey: .left)
      try container.encode(right, forKey: .right)
    }
  }

  /// Reads what ``encode(to:)`` wrote. Symbols of one name are one symbol within the decoder's ``SymbolScope``.
  public init(from decoder: any Decoder) throws {
    if let number = try? decoder.singleValueContainer().decode(Int.self) {
      guard (0...Dimension.maximumDecoded).contains(number) else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "\(number) is not a possible length"))
      }
      self.init(number)
      return
    }
    let container = try decoder.container(keyedBy: Keys.self)
    if let name = try container.decodeIfPresent(String.self, forKey: .name) {
      let scope = decoder.userInfo[SymbolScope.key] as? SymbolScope
      self = scope?.symbol(name) ?? Dimension.symbol(name)
      return
    }
    let code = try container.decode(String.self, forKey: .operation)
    let left = try container.decode(Dimension.self, forKey: .left)
    let right = try container.decode(Dimension.self, forKey: .right)
    // Two numbers are written as their result; to work them out here could overflow or fall below zero.
    guard let operation = Operation(rawValue: code), left.known == nil || right.known == nil,
      !(operation == .divide && right == 0)
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .operation, in: container, debugDescription: "'\(code)' is not an operation on these lengths")
    }
    self = Dimension.combine(operation, left, right)
  }
}

extension Shape: Codable {
  /// Writes the lengths as an array.
  public func encode(to encoder: any Encoder) throws { try dimensions.encode(to: encoder) }

  /// Reads an array of lengths, at most ``maximumRank``.
  public init(from decoder: any Decoder) throws {
    let dimensions = try [Dimension](from: decoder)
    guard dimensions.count <= Shape.maximumRank else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "\(dimensions.count) axes are too many"))
    }
    var total = 1
    for case let length? in dimensions.map(\.known) {
      let (product, overflow) = total.multipliedReportingOverflow(by: Swift.max(length, 1))
      guard !overflow else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "\(dimensions) is not a possible shape"))
      }
      total = product
    }
    self.init(dimensions)
  }
}
