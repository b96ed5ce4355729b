public import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekTensor
public import Foundation

/// A row of the table of families: how a `model_type` becomes each task's model.
public struct ModelFamily: Sendable {
  /// The value of `model_type` in `config.json`.
  public let modelType: String
  /// What its architectures begin with: `Bert` for `BertModel` and `BertForMaskedLM`.
  public let architecturePrefix: String
  /// Reads its configuration.
  public let configuration: any ModelConfiguration.Type
  /// Opens the bare model.
  public var encoder: ModelMaker<any TextEncoder>?
  /// Opens classifiers of sequences.
  public var sequenceClassifier: ModelMaker<any SequenceClassifier>?
  /// Opens classifiers of tokens.
  public var tokenClassifier: ModelMaker<any TokenClassifier>?
  /// Opens models that find answers.
  public var questionAnswerer: ModelMaker<any QuestionAnswerer>?
  /// Opens masked language models.
  public var maskedLanguageModel: ModelMaker<any MaskedLanguageModel>?
  /// Opens causal language models.
  public var causalLanguageModel: ModelMaker<any CausalLanguageModel>?

  /// A family without models, to which the makers are added.
  public init(
    _ modelType: String, architecturePrefix: String, _ configuration: any ModelConfiguration.Type
  ) {
    self.modelType = modelType
    self.architecturePrefix = architecturePrefix
    self.configuration = configuration
  }

  /// Every family there is. A new one adds its rows here.
  public static let all: [ModelFamily] = BertFamily.rows + [GPT2Configuration.row] + LlamaFamily.rows

  /// The family of a configuration: by `model_type`, or, in files without one, by the first of `architectures`. Among
  /// `families`, which the error lists.
  static func find(_ file: ConfigurationFile, among families: [ModelFamily] = all) throws -> ModelFamily {
    let field = file.value["model_type"] == nil && file.value["architectures"] != nil ? "architectures" : "model_type"
    let name: String
    let found: ModelFamily?
    if field == "architectures" {
      name = file.value[field]?.array?.first?.string ?? ""
      found = families.first { $0.has(architecture: name) }
    } else {
      name = try file.string(field, default: "bert")
      found = families.first { $0.modelType == name }
    }
    guard let found else {
      throw ModelError.unsupported(
        file: file.path, field: field, value: name, supported: families.map(\.modelType))
    }
    return found
  }

  private func has(architecture: String) -> Bool {
    architecture == architecturePrefix + "Model" || architecture.hasPrefix(architecturePrefix + "For")
      || architecture == architecturePrefix + "LMHeadModel"
  }
}

/// Opens one task's models of one family.
public struct ModelMaker<Model>: Sendable {
  /// The model in a folder, and what became of its checkpoint's keys.
  public let load: @Sendable (_ folder: URL, LoadingOptions) throws -> (model: Model, report: StateLoadingReport)
  /// A model with fresh weights of a folder's configuration, with these classes if any are given.
  public let make: @Sendable (_ folder: URL, _ labels: ClassLabels?) throws -> Model
  /// A fresh head on a bare model that is loaded already, whose weights it shares; `nil` when the bare model is not of the
  /// family. Throws when the bare model's configuration is none for the head.
  public let attach: @Sendable (_ bare: any TextEncoder, _ labels: ClassLabels?) throws -> Model?

  /// Opens bare models; `erase` is `{ $0 }`.
  public init<Bare: PretrainedModel>(bare type: Bare.Type, _ erase: @escaping @Sendable (Bare) -> Model) {
    load = ModelMaker.loading(erase)
    make = ModelMaker.making(erase)
    attach = { bare, _ in (bare as? Bare).map(erase) }
  }

  /// Opens models with a head; `erase` is `{ $0 }`.
  public init<Headed: HeadedModel>(_ type: Headed.Type, _ erase: @escaping @Sendable (Headed) -> Model) {
    load = ModelMaker.loading(erase)
    make = ModelMaker.making(erase)
    attach = { bare, labels in
      guard let bare = bare as? Headed.Bare else { return nil }
      var configuration = bare.configuration
      try Headed.check(configuration)
      if let labels { configuration.labels = labels }
      return erase(Headed(configuration, on: bare))
    }
  }
}

extension ModelMaker {
  /// The most memory that the weights of a model without a checkpoint may take: all of the machine's, in bytes.
  private static var largestByteCount: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

  private static func loading<Typed: PretrainedModel>(
    _ erase: @escaping @Sendable (Typed) -> Model
  ) -> @Sendable (URL, LoadingOptions) throws -> (model: Model, report: StateLoadingReport) {
    { folder, options in
      let (model, report) = try Typed.loadWithReport(contentsOf: folder, options: options)
      return (erase(model), report)
    }
  }

  private static func making<Typed: PretrainedModel>(
    _ erase: @escaping @Sendable (Typed) -> Model
  ) -> @Sendable (URL, ClassLabels?) throws -> Model {
    { folder, labels in
      var configuration = try Typed.Configuration(contentsOf: folder)
      try Typed.check(configuration)
      if let labels { configuration.labels = labels }
      // No file's length says here that the sizes are true.
      let byteCount = Initializer.withoutValues { Typed(configuration) }.namedParameters().reduce(0.0) { sum, named in
        named.parameter.spec.shape.reduce(Double(named.parameter.spec.dtype.byteCount)) { $0 * Double($1) } + sum
      }
      guard byteCount <= Double(largestByteCount) else {
        throw ModelError.invalidField(
          file: folder.appendingPathComponent("config.json").path, field: "(the sizes)",
          expected: "such that the weights fit in \(largestByteCount) bytes, not \(byteCount)")
      }
      return erase(Typed(configuration))
    }
  }
}

/// A model that is a bare one with a head on it.
public protocol HeadedModel: PretrainedModel where Configuration == Bare.Configuration {
  /// The bare model.
  associatedtype Bare: PretrainedModel
  /// A fresh head, from the current `RandomGenerator`, on a bare model whose weights it shares.
  init(_ configuration: Configuration, on bare: Bare)
}
