import DeepSeekCompression
import DeepSeekJSON
import DeepSeekOperators
import Foundation
import TestSupport
import Testing

@Suite("Quantization configurations")
struct ConfigurationTests {
  static var every: [QuantizationConfig] {
    var all = [QuantizationConfig(), .int8Weights, .int4Weights(group: 32), QuantizationConfig(activationBits: 7)]
    var config = QuantizationConfig(weightBits: 4, activationBits: 8, scheme: .asymmetric)
    config.granularity = .tensor
    config.activation = .static
    config.activationScheme = .symmetric
    config.method = .gptq(damping: 0.05)
    config.clipsWeights = true
    config.smoothing = 0.5
    config.embeddingBits = 8
    config.embeddingGroupSize = 64
    config.targets = ["dense"]
    config.ignored = ["classifier"]
    for calibration in [QuantizationConfig.Calibration.entropy, .squaredError, .percentile(99.5)] {
      config.calibration = calibration
      all.append(config)
    }
    config.smoothing = nil
    config.method = .awq
    return all + [config]
  }

  @Test("what is written is read back", arguments: every)
  func roundTrip(_ config: QuantizationConfig) throws {
    try config.validate()
    #expect(try QuantizationConfig(JSONValue(parsing: config.json.serialized())) == config)
  }

  @Test("what cannot be is refused by name")
  func refusals() throws {
    func message(_ text: String) -> String {
      do {
        _ = try QuantizationConfig(JSONValue(parsing: Array(text.utf8)))
        return "nothing was thrown"
      } catch { return "\(error)" }
    }
    #expect(message(#"{"weight_bits": 3}"#).contains("'weight_bits' is 3; 8 or 4 is expected"))
    #expect(message(#"{"activation_bits": 6}"#).contains("'activation_bits' is 6; 8 or 7, or null"))
    #expect(message(#"{"weightbits": 8}"#).contains("no field 'weightbits'"))
    #expect(message(#"{"granularity": 48}"#).contains("a multiple of 32"))
    #expect(
      message(#"{"embedding_bits": 4, "embedding_group_size": 48}"#).contains(
        "'embedding_group_size' is 48; a multiple of 32"))
    #expect(message(#"{"embedding_group_size": 64}"#).contains("null without embedding_bits"))
    #expect(message(#"{"calibration": 30}"#).contains("above 50"))
    #expect(message(#"{"method": "best"}"#).contains("rtn, gptq, awq"))
    #expect(message(#"{"smoothing": 2}"#).contains("from 0 to 1"))
    #expect(message(#"{"smoothing": 0.5, "method": "awq"}"#).contains("scales too"))
    #expect(message(#"{"activation_scheme": "symmetric"}"#).contains("unless the activation is static"))
    #expect(message("[]").contains("an object"))
  }

  @Test("damaged configurations are read or refused, and what is read can be")
  func fuzz() throws {
    let record = """
      {"quant_method": "deepseek", "version": 1, "config": \(String(decoding: try ConfigurationTests.every[5].json.serialized(), as: UTF8.self)), \
      "layers": {"a.b": {"bits": 4, "group_size": 64, "zero_points": true, "input": {"scale": 0.5, "zero_point": 3}}, \
      "c": {"bits": 8, "input": "dynamic", "input_factor": true}, \
      "d": {"bits": 8, "input": {"scale": 0.5, "zero_point": 100}, "input_bits": 7}}}
      """
    let original = try QuantizationRecord(JSONValue(parsing: Array(record.utf8)))
    #expect(
      original.layers.map(\.input) == [
        .fixed(scale: 0.5, zeroPoint: 3), .dynamic, .fixed(scale: 0.5, zeroPoint: 100, bits: 7),
      ])
    #expect(try QuantizationRecord(original.json) == original)
    var generator = SplitMix(11)
    var (accepted, refused) = (0, 0)
    for number in 0..<Fuzzing.count {
      let bytes = Array(record.utf8)
      let damaged =
        number % 2 == 0 ? Fuzzing.mutated(bytes, &generator) : Fuzzing.mutatedText(bytes, &generator)
      guard let json = try? JSONValue(parsing: damaged) else { continue }
      do throws(QuantizationError) {
        let read = try QuantizationRecord(json)
        try read.config.validate()
        #expect(!read.layers.isEmpty)
        accepted += 1
      } catch { refused += 1 }
    }
    #expect(accepted > 0 && refused > 0, "\(accepted) accepted, \(refused) refused")
  }

  @Test("damaged records of pruning are read or refused")
  func pruning() throws {
    let record = #"{"encoder.layer.0": {"heads": 6, "neurons": 512}, "encoder.layer.3": {"heads": 1, "neurons": 7}}"#
    var generator = SplitMix(12)
    var (accepted, refused) = (0, 0)
    for _ in 0..<Fuzzing.count {
      guard let json = try? JSONValue(parsing: Fuzzing.mutatedText(Array(record.utf8), &generator)) else { continue }
      do throws(QuantizationError) {
        let read = try PruningRecord(json)
        #expect(read.json == json)
        accepted += 1
      } catch { refused += 1 }
    }
    #expect(accepted > 0 && refused > 0, "\(accepted) accepted, \(refused) refused")
  }
}
