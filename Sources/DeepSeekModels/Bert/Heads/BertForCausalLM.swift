public import DeepSeekDynamic
public import DeepSeekTensor
import Foundation

/// A decoder of BERT's kind that continues texts: logits `[batch, sequence, vocabulary]` of each place's next token. Hugging
/// Face's `BertLMHeadModel`, `RobertaForCausalLM`, …
///
/// Its configuration says that it is a decoder; one of an encoder, whose tokens see those behind them, is refused.
public final class BertForCausalLM: BertHeaded, CausalLanguageModel {
  /// `ForCausalLM`.
  public static let task = "ForCausalLM"
  /// The sizes.
  public let configuration: BertConfiguration
  /// The decoder, without a pooler.
  public let bert: BertModel
  let head: BertMaskedHead

  /// A model with fresh weights from the current ``RandomGenerator``. Traps when the configuration is an encoder's.
  public convenience init(_ configuration: BertConfiguration) {
    self.init(configuration, decoder: BertModel(configuration, withPooler: false))
  }

  /// A fresh head on a decoder, whose weights are shared. Traps when the configuration is an encoder's.
  public convenience init(_ configuration: BertConfiguration, on bare: BertModel) {
    self.init(configuration, decoder: BertModel(configuration, sharing: bare, withPooler: false))
  }

  private init(_ configuration: BertConfiguration, decoder: BertModel) {
    if !configuration.isDecoder || !decoder.configuration.isDecoder {
      fatalError("BertForCausalLM: the configuration is an encoder's; set `isDecoder` before the model is made")
    }
    self.configuration = configuration
    bert = decoder
    head = BertMaskedHead(configuration)
  }

  /// `BertLMHeadModel`, `RobertaForCausalLM`, …
  public var architecture: String {
    configuration.family.architecturePrefix + (configuration.family == .bert ? "LMHeadModel" : Self.task)
  }
  /// The decoder under the family's key, and the head's parts.
  public var fields: [ModuleField] { [encoderField, ModuleField("", .module(head))] }
  /// Decoder layers.
  public var layerCount: Int { configuration.layerCount }
  /// The token that begins a text; `nil` when there is none.
  public var beginTokenID: Int? { configuration.beginTokenID }
  /// The tokens that end a text.
  public var endTokenIDs: [Int] { configuration.endTokenIDs }

  /// An encoder's is refused.
  public static func check(_ configuration: BertConfiguration) throws {
    if configuration.isDecoder { return }
    let file = configuration.origin?.folder.appendingPathComponent("config.json").path
    throw ModelError.unsupported(
      file: file ?? "BertConfiguration", field: "is_decoder", value: "false", supported: ["true"])
  }

  /// Logits `[batch, sequence, vocabulary]` for token ids `[batch, sequence]`; mask and segments as ``BertModel`` takes them.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil) -> Tensor {
    logits(bert(ids, attentionMask: attentionMask, typeIDs: typeIDs))
  }

  /// Hidden states, as ``CausalLanguageModel`` says; of the first segment.
  public func hiddenStates(
    _ ids: Tensor, attentionMask: Tensor?, positions: Tensor?, cache: KeyValueCache?
  ) -> Tensor {
    bert(ids, attentionMask: attentionMask, typeIDs: nil, positions: positions, cache: cache)
  }

  /// Logits `[…, vocabulary]` of hidden states `[…, hidden]`.
  public func logits(_ states: Tensor) -> Tensor { head(states, table: bert.embeddings.wordEmbeddings) }
}
