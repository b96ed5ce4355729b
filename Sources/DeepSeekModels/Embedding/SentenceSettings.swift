import DeepSeekJSON
import Foundation

/// What sentence-transformers' files say beside the model: `modules.json`, the pooling folder's `config.json`,
/// `sentence_bert_config.json`.
struct SentenceSettings: Sendable {
  var pooling = Pooling.mean
  var normalizes = false
  var maximumLength: Int?

  init(contentsOf folder: URL) throws {
    if let file = try ConfigurationFile(optional: "sentence_bert_config.json", in: folder) {
      let length = try file.integer("max_seq_length", default: 0)
      maximumLength = length > 0 ? length : nil
    }
    guard let modules = try ConfigurationFile(optional: "modules.json", in: folder) else { return }
    guard let list = modules.value.array else {
      throw ModelError.invalidField(file: modules.path, field: "(the whole)", expected: "a list of modules")
    }
    for module in list {
      let type = module["type"]?.string ?? ""
      switch type.split(separator: ".").last {
      case "Transformer": break
      case "Normalize": normalizes = true
      case "Pooling":
        pooling = try SentenceSettings.pooling(folder.appendingPathComponent(module["path"]?.string ?? ""))
      default:
        throw ModelError.unsupported(
          file: modules.path, field: "type", value: type, supported: ["Transformer", "Pooling", "Normalize"])
      }
    }
  }

  private static func pooling(_ folder: URL) throws -> Pooling {
    let file = try ConfigurationFile("config.json", in: folder, hint: "modules.json names its folder")
    let modes: [(String, Pooling)] = [
      ("pooling_mode_mean_tokens", .mean), ("pooling_mode_cls_token", .firstToken),
      ("pooling_mode_max_tokens", .max), ("pooling_mode_mean_sqrt_len_tokens", .meanSqrtLength),
    ]
    let chosen = try modes.filter { try file.flag($0.0, default: false) }
    guard chosen.count == 1 else {
      throw ModelError.unsupported(
        file: file.path, field: "pooling_mode_…", value: chosen.map(\.0).joined(separator: " and "),
        supported: modes.map(\.0).map { "\($0) alone" })
    }
    return chosen[0].1
  }
}
