import DeepSeekProtocols
import DeepSeekTensor

/// The values of a graph of a model that is being taken over: those of the graph itself, and through `outer` those around it.
final class ONNXScope {
  private var values: [String: ImportedValue] = [:]
  private let outer: ONNXScope?
  /// The attributes of the function whose body this is, to which its nodes refer.
  let attributes: [String: Onnx_AttributeProto]
  /// The versions of the operator sets, by domain.
  let versions: [String: Int]
  /// How many graphs and functions this one is in.
  let depth: Int

  /// The model's own graph.
  init(versions: [String: Int]) {
    (outer, attributes, depth) = (nil, [:], 0)
    self.versions = versions
  }

  /// A graph inside a node of another.
  init(inside outer: ONNXScope) {
    self.outer = outer
    (attributes, versions, depth) = (outer.attributes, outer.versions, outer.depth + 1)
  }

  /// A function's body, which sees nothing of its caller.
  init(callOf attributes: [String: Onnx_AttributeProto], versions: [String: Int], from caller: ONNXScope) {
    outer = nil
    (self.attributes, self.versions) = (attributes, versions)
    depth = caller.depth + 1
  }

  /// A value by name.
  subscript(name: String) -> ImportedValue? {
    get {
      var scope: ONNXScope? = self
      while let current = scope {
        if let value = current.values[name] { return value }
        scope = current.outer
      }
      return nil
    }
    set { values[name] = newValue }
  }
}
