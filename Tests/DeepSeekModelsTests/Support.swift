import DeepSeekCheckpoints
import DeepSeekJSON
import DeepSeekModels
import DeepSeekTensor
import Foundation

/// A folder or file of the fixtures.
func fixture(_ name: String) -> URL {
  Bundle.module.bundleURL.appendingPathComponent("Fixtures/\(name)", isDirectory: true)
}

/// The largest distance between an element and the expected value; infinite when their numbers differ.
func largestDifference(_ a: Tensor, _ b: [Double]) -> Double {
  let values = a.array(of: Double.self)
  return values.count == b.count ? zip(values, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

/// A value whose objects' members are in the order of their keys: their own has no meaning.
func inOrder(_ value: JSONValue) -> JSONValue {
  if let list = value.array { return .array(list.map(inOrder)) }
  guard let members = value.object?.members else { return value }
  var object = JSONObject()
  for member in members.sorted(by: { $0.key < $1.key }) { object[member.key] = inOrder(member.value) }
  return .object(object)
}

/// A tiny model with a head, and what transformers computes with it.
struct TaskFixture {
  static let families = ["bert", "roberta", "xlm-roberta", "camembert", "distilbert"]
  static let tasks = ["sequence", "token", "question", "masked"]
  static let variants = ["bert-regression", "roberta-multilabel", "bert-untied", "roberta-untied", "distilbert-untied"]
  static let decoders = ["gpt2", "llama", "mistral", "qwen2"]
  static let names =
    families.flatMap { family in tasks.map { "\(family)-\($0)" } } + variants
    + decoders.flatMap { family in tasks.dropLast().map { "\(family)-\($0)" } } + causal
  /// Encoders' families as decoders.
  static let causal = ["bert-causal", "roberta-causal"]

  let name: String
  let folder: URL
  let values: Checkpoint

  init(_ name: String) throws {
    self.name = name
    folder = fixture("tasks/\(name)")
    values = try Checkpoint.load(folder.appendingPathComponent("expected_values.safetensors").path)
  }

  /// The task that the fixture's name ends in.
  var task: String {
    switch name.split(separator: "-").last {
    case "regression", "multilabel": "sequence"
    case "untied": "masked"
    case let task: String(task ?? "")
    }
  }

  /// The model in `folder`, or in the fixture's own.
  func model(in folder: URL? = nil) throws -> any TaskModel {
    let folder = folder ?? self.folder
    switch task {
    case "sequence": return try AutoModelForSequenceClassification.fromPretrained(folder)
    case "token": return try AutoModelForTokenClassification.fromPretrained(folder)
    case "question": return try AutoModelForQuestionAnswering.fromPretrained(folder)
    case "causal": return try AutoModelForCausalLM.fromPretrained(folder)
    default: return try AutoModelForMaskedLM.fromPretrained(folder)
    }
  }

  /// A fresh head of the task on a bare model.
  func attached(to encoder: any TextEncoder, labels: ClassLabels? = nil) throws -> any TaskModel {
    switch task {
    case "sequence": return try AutoModelForSequenceClassification.attached(to: encoder, labels: labels)
    case "token": return try AutoModelForTokenClassification.attached(to: encoder, labels: labels)
    case "question": return try AutoModelForQuestionAnswering.attached(to: encoder, labels: labels)
    case "causal": return try AutoModelForCausalLM.attached(to: encoder, labels: labels)
    default: return try AutoModelForMaskedLM.attached(to: encoder, labels: labels)
    }
  }

  /// The model's logits for the fixture's batch.
  func logits(_ model: any TaskModel) throws -> Tensor {
    try model(
      values.tensor("input_ids"), attentionMask: values.tensor("attention_mask"),
      typeIDs: values.contains("token_type_ids") ? values.tensor("token_type_ids") : nil)
  }

  /// The names of the weights in the fixture's file.
  func keys() throws -> Set<String> { Set(try Checkpoint.load(folder.path).names) }
}
