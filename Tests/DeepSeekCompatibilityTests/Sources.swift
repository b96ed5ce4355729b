import DeepSeekCompatibility
import Foundation

/// The module's sources, as text: what the list of names is compared with.
enum Sources {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources/DeepSeekCompatibility")

  /// Every deprecated declaration of the module, under the name that the list has it by.
  static func deprecatedNames() throws -> Set<String> {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)!
      .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    var names: Set<String> = []
    for file in files { names.formUnion(deprecatedNames(in: try String(contentsOf: file, encoding: .utf8))) }
    return names
  }

  private static func deprecatedNames(in text: String) -> Set<String> {
    var names: Set<String> = []
    var scope = ""
    var isDeprecated = false
    for line in text.split(separator: "\n") {
      if line.hasPrefix("extension ") || line.hasPrefix("public enum ") {
        scope = line.drop { $0 != " " }.dropFirst().drop { $0 == " " }.replacing("enum ", with: "")
          .prefix { $0 != "{" }.trimmingCharacters(in: .whitespaces)
        if isDeprecated { names.insert(literals[scope] ?? scope) }
        isDeprecated = false
      } else if line.contains("*, deprecated") {
        isDeprecated = true
      } else if isDeprecated && line.hasPrefix("  public ") {
        names.insert(name(of: line, in: scope))
        isDeprecated = false
      }
    }
    return names
  }

  private static func name(of line: Substring, in scope: String) -> String {
    let head = line.prefix { $0 != "(" && $0 != "=" && $0 != "<" && $0 != ":" }
    let words = head.replacing("`", with: "").split(separator: " ")
    let last = String(words.last!)
    if scope == "StaticVariable" { return "tf.Variable" }
    let place = places[scope] ?? scope.replacing("Keras.Layers.", with: "ds.layers.")
    return last == "init" ? initializers[scope] ?? place : "\(place).\(last)"
  }

  private static let places = [
    "DeepSeekModels.AutoModel": "ds.AutoModel", "DeepSeekModels.AutoTokenizer": "ds.AutoTokenizer",
    "Dataset where Example == Record": "ds.Dataset", "Keras.Model": "model", "Keras.Layers": "ds.layers",
    "StaticGraph": "graph", "Session": "session", "EventFileWriter": "writer",
  ]
  private static let initializers = [
    "Session": "tf.Session", "Keras.Model": "keras.models.Sequential", "Keras.SymbolicTensor": "ds.layers.Input",
  ]
  private static let literals = [
    "Keras.Activation: ExpressibleByStringLiteral": "activation: \"relu\"",
    "Keras.Loss: ExpressibleByStringLiteral": "loss: \"mse\"",
    "Keras.Metric: ExpressibleByStringLiteral": "metrics: [\"accuracy\"]",
    "Padding: ExpressibleByStringLiteral": "padding: \"same\"",
  ]
}
