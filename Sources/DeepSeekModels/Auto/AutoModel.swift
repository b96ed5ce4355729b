public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor
public import Foundation

/// A model that makes hidden states of token ids.
public protocol TextEncoder: Module {
  /// Width of the hidden states.
  var hiddenSize: Int { get }
  /// The longest sequence.
  var maximumLength: Int { get }
  /// Hidden states `[batch, sequence, hidden]` for token ids `[batch, sequence]`; the mask `[batch, sequence]` is non-zero
  /// where a token counts, segments `[batch, sequence]` are zero when left out.
  func callAsFunction(_ ids: Tensor, attentionMask: Tensor?, typeIDs: Tensor?) -> Tensor
}

extension TextEncoder {
  /// Hidden states of sequences without padding and segments.
  public func callAsFunction(_ ids: Tensor) -> Tensor { self(ids, attentionMask: nil, typeIDs: nil) }
}

extension BertModel: TextEncoder {
  /// Width of the hidden states.
  public var hiddenSize: Int { configuration.hiddenSize }
  /// The longest sequence.
  public var maximumLength: Int { configuration.maximumLength }
}

/// Finds the model of a folder in Hugging Face's layout.
///
/// ```swift
/// let tokenizer = try AutoTokenizer.fromPretrained("all-MiniLM-L6-v2")
/// let model = try AutoModel.fromPretrained("all-MiniLM-L6-v2")
/// let ids = try tokenizer.encode("A man is eating food.").ids
/// let states = noGradient { model(Tensor([ids])) }
/// ```
public enum AutoModel {
  /// The values of `model_type` in `config.json` that are supported.
  public static let supportedTypes = BertFamily.allCases.map(\.rawValue)

  /// The encoder in a folder: `config.json` says which, by `model_type` or, without that, `architectures`. In evaluation mode,
  /// as Hugging Face's libraries give it.
  ///
  /// Throws ``ModelError``, which lists what is supported, for another model, and names file and field or key where
  /// something is missing or wrong.
  public static func fromPretrained(_ folder: URL) throws -> any TextEncoder {
    let model = try BertModel.load(contentsOf: folder)
    model.eval()
    return model
  }

  /// As above, for a folder's path.
  public static func fromPretrained(_ path: String) throws -> any TextEncoder {
    try fromPretrained(URL(fileURLWithPath: path, isDirectory: true))
  }
}
