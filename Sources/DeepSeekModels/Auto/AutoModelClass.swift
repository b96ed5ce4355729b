public import DeepSeekDynamic
public import Foundation

/// Finds one task's model in a folder, by what its `config.json` says.
public protocol AutoModelClass {
  /// What is found: `any SequenceClassifier`.
  associatedtype Model
  /// Where the families' table has it.
  static var maker: KeyPath<ModelFamily, ModelMaker<Model>?> { get }
}

extension AutoModelClass {
  private static var families: [ModelFamily] { ModelFamily.all.filter { $0[keyPath: maker] != nil } }

  /// The values of `model_type` in `config.json` that are supported.
  public static var supportedTypes: [String] { families.map(\.modelType) }

  /// The model in a folder: `config.json` says which, by `model_type` or, without that, `architectures`. In evaluation mode,
  /// as Hugging Face's libraries give it.
  ///
  /// Throws ``ModelError``, which lists what is supported, for another model, and names file and field or key where
  /// something is missing or wrong.
  public static func fromPretrained(_ folder: URL, options: LoadingOptions = LoadingOptions()) throws -> Model {
    try loadWithReport(folder, options: options).model
  }

  /// The same, and what became of the checkpoint's keys: `missing` are the fresh weights, `unused` what was left out.
  public static func loadWithReport(
    _ folder: URL, options: LoadingOptions = LoadingOptions()
  ) throws -> (model: Model, report: StateLoadingReport) { try maker(of: folder).load(folder, options) }

  /// A model with fresh weights from the current `RandomGenerator`, of the sizes that a folder's `config.json` says: what
  /// training from nothing begins with. In training mode.
  ///
  /// Throws as ``fromPretrained(_:options:)-(URL,_)`` does, and when the weights would not fit in the machine's memory.
  public static func fromConfiguration(_ folder: URL, labels: ClassLabels? = nil) throws -> Model {
    try maker(of: folder).make(folder, labels)
  }

  private static func maker(of folder: URL) throws -> ModelMaker<Model> {
    try ModelFamily.find(ConfigurationFile(modelIn: folder), among: families)[keyPath: maker]!
  }

  /// The model in a folder or of an id; see ``ModelSource``.
  public static func fromPretrained(_ pathOrID: String, options: LoadingOptions = LoadingOptions()) throws -> Model {
    try fromPretrained(ModelSource(pathOrID).folder(), options: options)
  }
}

/// Finds a task's model with a head.
public protocol AutoHeadedModelClass: AutoModelClass {}

extension AutoHeadedModelClass {
  /// A fresh head, from the current `RandomGenerator`, on a bare model that is loaded already: both then share its weights,
  /// and the head knows the folder that it came from.
  ///
  /// ```swift
  /// let encoder = try AutoModel.fromPretrained("distilbert-base-uncased")
  /// let classifier = try AutoModelForSequenceClassification.attached(to: encoder, labels: ClassLabels(["no", "yes"]))
  /// ```
  ///
  /// Throws ``ModelError`` that lists what is supported when the family has no such head, or the bare model is none for it.
  public static func attached(to encoder: any TextEncoder, labels: ClassLabels? = nil) throws -> Model {
    let type = encoder.configuration.modelType
    let family = ModelFamily.all.first { $0.modelType == type }
    guard let model = try family?[keyPath: maker]?.attach(encoder, labels) else {
      throw ModelError.unsupported(
        file: encoder.configuration.origin?.folder.path ?? encoder.architecture, field: "model_type", value: type,
        supported: supportedTypes)
    }
    return model
  }
}
