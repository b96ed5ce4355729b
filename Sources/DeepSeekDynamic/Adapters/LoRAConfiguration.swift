/// What a low-rank adapter adds, and to which layers (Hu and others, "LoRA", arXiv:2106.09685).
///
/// ```swift
/// var lora = LoRAConfiguration(rank: 8, alpha: 16, targets: .names(["query", "value"]))
/// lora.modulesToSave = ["classifier"]
/// let adapters = try Adapters(model, lora)
/// ```
public struct LoRAConfiguration: Sendable, Hashable {
  /// Which layers get an adapter.
  public enum Targets: Sendable, Hashable {
    /// Layers with one of these names, or whose name ends in a point and one of them: `query` selects
    /// `encoder.layer.0.attention.self.query`.
    case names([String])
    /// Layers whose whole name a regular expression matches.
    case pattern(String)
    /// Every fully connected layer but those of ``LoRAConfiguration/modulesToSave`` and what is left out.
    case allLinear
  }

  /// Which biases of the model are trained besides.
  public enum Bias: String, Sendable, Hashable, CaseIterable {
    /// None.
    case none
    /// All of the model's.
    case all
    /// Those of adapted layers.
    case adapted = "lora_only"
  }

  /// What the two factors start as.
  public enum Initialization: Sendable, Hashable {
    /// The first uniform within ±1/√inputs, the second zero, so that a new adapter changes nothing. Of a table, the first
    /// is zero and the second normal.
    case kaiming
    /// The first normal with a standard deviation of 1/rank, the second zero. Of a table as ``kaiming``.
    case gaussian
    /// Both random, so that a new adapter changes the model: for tests.
    case random
  }

  /// The rank r of the product that is added.
  public var rank: Int
  /// The product counts as multiplied by alpha / r, or alpha / √r with ``isRankStabilized``.
  public var alpha: Double
  /// Which layers get an adapter.
  public var targets: Targets
  /// Layers left out, by name as in ``Targets/names(_:)``.
  public var excluded: [String] = []
  /// The probability that an element of an adapter's input is dropped while training.
  public var dropout = 0.0
  /// Which biases are trained besides.
  public var bias = Bias.none
  /// Whether the product counts as multiplied by alpha / √r (Kalajdzievski, arXiv:2312.03732).
  public var isRankStabilized = false
  /// Modules that are trained whole, such as a classifier that starts from nothing: each adapter has its own weights of
  /// them. By name as in ``Targets/names(_:)``.
  public var modulesToSave: [String] = []
  /// Other ranks for some layers, by name as in ``Targets/names(_:)``.
  public var rankPattern: [String: Int] = [:]
  /// Other alphas for some layers, by name as in ``Targets/names(_:)``.
  public var alphaPattern: [String: Double] = [:]
  /// What the factors start as.
  public var initialization = Initialization.kaiming

  /// An adapter of this rank; `alpha` is twice the rank unless given.
  public init(rank: Int = 8, alpha: Double? = nil, targets: Targets = .allLinear, dropout: Double = 0) {
    self.rank = rank
    self.alpha = alpha ?? Double(2 * rank)
    self.targets = targets
    self.dropout = dropout
  }

  /// The rank for a layer.
  public func rank(of layer: String) -> Int { Self.entry(of: rankPattern, for: layer) ?? rank }

  /// The alpha for a layer.
  public func alpha(of layer: String) -> Double { Self.entry(of: alphaPattern, for: layer) ?? alpha }

  /// What the product for a layer is multiplied by.
  public func scale(of layer: String) -> Double {
    let (alpha, rank) = (alpha(of: layer), rank(of: layer))
    return isRankStabilized ? alpha / Double(rank).squareRoot() : alpha / Double(rank)
  }

  /// Throws when a number is outside its range.
  func validate() throws(AdapterError) {
    for value in [rank] + rankPattern.values.sorted() where value < 1 {
      throw .invalidSetting("rank", value: String(value), expected: "at least 1")
    }
    for value in [alpha] + alphaPattern.values.sorted() where !value.isFinite {
      throw .invalidSetting("alpha", value: String(value), expected: "a finite number")
    }
    if !(0..<1).contains(dropout) {
      throw .invalidSetting("dropout", value: String(dropout), expected: "at least 0 and less than 1")
    }
  }

  /// Whether a layer's name is `name` or ends in a point and `name`.
  package static func selects(_ name: String, _ layer: String) -> Bool { layer == name || layer.hasSuffix(".\(name)") }

  /// Whether a layer is one of these modules, or within one.
  static func isWithin(_ modules: [String], _ layer: String) -> Bool {
    modules.contains { module in
      selects(module, layer) || layer.hasPrefix("\(module).") || layer.contains(".\(module).")
    }
  }

  /// The value for a layer: of the longest name that selects it.
  private static func entry<Value>(of pattern: [String: Value], for layer: String) -> Value? {
    pattern.filter { selects($0.key, layer) }.max { $0.key.utf8.count < $1.key.utf8.count }?.value
  }
}
