import DeepSeekOperators
import DeepSeekTensor

/// Attention: plain, masked, causal, with grouped queries.
func addAttentionSamples(to table: inout SampleTable) {
  let qkv: [SampleInput] = [.plain(2, 2, 5, 4), .plain(2, 2, 7, 4), .plain(2, 2, 7, 3)]
  table.row("attention", qkv, torch: "F.scaled_dot_product_attention(a, b, c)", tolerance: 8) {
    Tensor.attention(query: $0[0], key: $0[1], value: $0[2])
  }
  table.row("attention/scaled", qkv, torch: "F.scaled_dot_product_attention(a, b, c, scale=0.25)", tolerance: 8) {
    Tensor.attention(query: $0[0], key: $0[1], value: $0[2], scale: 0.25)
  }
  let mask = SampleInput([5, 7], .fixed((0..<35).map { $0 % 3 == 0 ? 0 : 1 }), dtype: .bool)
  table.row(
    "attention/bool mask", qkv + [mask],
    torch: "F.scaled_dot_product_attention(a, b, c, attn_mask=d)", tolerance: 8
  ) { Tensor.attention(query: $0[0], key: $0[1], value: $0[2], mask: $0[3]) }
  table.row(
    "attention/added mask", qkv + [.plain(2, 1, 1, 7)],
    torch: "F.scaled_dot_product_attention(a, b, c, attn_mask=d)", tolerance: 8
  ) { Tensor.attention(query: $0[0], key: $0[1], value: $0[2], mask: $0[3]) }
  let square: [SampleInput] = [.plain(1, 4, 6, 4), .plain(1, 2, 6, 4), .plain(1, 2, 6, 4)]
  table.row(
    "attention/causal, grouped queries", square,
    torch: "F.scaled_dot_product_attention(a, b, c, is_causal=True, enable_gqa=True)", tolerance: 8
  ) { Tensor.attention(query: $0[0], key: $0[1], value: $0[2], isCausal: true) }
  let last = "torch.ones(3, 6, dtype=torch.bool).tril(3)"
  table.row(
    "attention/causal, last queries", [.plain(1, 2, 3, 4), .plain(1, 2, 6, 4), .plain(1, 2, 6, 4)],
    torch: "F.scaled_dot_product_attention(a, b, c, attn_mask=\(last))", tolerance: 8
  ) { Tensor.attention(query: $0[0], key: $0[1], value: $0[2], isCausal: true) }
  // Three sequences and an empty one, one behind another.
  let offsets = SampleInput([5], .fixed([0, 2, 2, 5, 9]), dtype: .int32)
  let packed: [SampleInput] = [.plain(1, 4, 9, 4), .plain(1, 2, 9, 4), .plain(1, 2, 9, 3), offsets]
  table.row("attention/packed", packed, tolerance: 8) {
    Tensor.attention(query: $0[0], key: $0[1], value: $0[2], offsets: $0[3])
  }
  table.row("attention/packed, causal", packed, tolerance: 8) {
    Tensor.attention(query: $0[0], key: $0[1], value: $0[2], offsets: $0[3], isCausal: true)
  }
}
