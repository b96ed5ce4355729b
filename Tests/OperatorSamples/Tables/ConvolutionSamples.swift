import DeepSeekOperators
import DeepSeekTensor

/// Convolutions over one to three axes and their transposes.
func addConvolutionSamples(to table: inout SampleTable) {
  table.row(
    "convolution/1d", [.plain(2, 4, 7), .plain(6, 4, 3), .plain(6)], torch: "F.conv1d(a, b, c, stride=2, padding=1)",
    tolerance: 4
  ) { $0[0].convolution($0[1], bias: $0[2], stride: 2, padding: 1) }
  table.row(
    "convolution/2d", [.plain(2, 3, 5, 6), .plain(4, 3, 3, 2), .plain(4)], torch: "F.conv2d(a, b, c)", tolerance: 4
  ) { $0[0].convolution($0[1], bias: $0[2]) }
  table.row(
    "convolution/2d strided, dilated, grouped", [.plain(2, 4, 7, 6), .plain(6, 2, 3, 2)],
    torch: "F.conv2d(a, b, None, stride=(2, 1), padding=(2, 1), dilation=(1, 2), groups=2)", tolerance: 4
  ) { $0[0].convolution($0[1], stride: [2, 1], padding: [2, 1], dilation: [1, 2], groups: 2) }
  table.row(
    "convolution/depthwise", [.plain(1, 4, 6, 5), .plain(4, 1, 3, 3), .plain(4)],
    torch: "F.conv2d(a, b, c, padding='same', groups=4)", tolerance: 4
  ) { $0[0].convolution($0[1], bias: $0[2], padding: .same, groups: 4) }
  table.row(
    "convolution/same, even kernel", [.plain(1, 2, 6, 5), .plain(3, 2, 2, 4)], torch: "F.conv2d(a, b, padding='same')",
    tolerance: 4
  ) { $0[0].convolution($0[1], padding: .same) }
  table.row(
    "convolution/same, strided", [.plain(1, 2, 7), .plain(3, 2, 4)], torch: "F.conv1d(F.pad(a, (1, 2)), b, stride=2)",
    tolerance: 4
  ) { $0[0].convolution($0[1], stride: 2, padding: .same) }
  table.row(
    "convolution/ends", [.plain(1, 2, 5), .plain(3, 2, 3)], torch: "F.conv1d(F.pad(a, (0, 2)), b)", tolerance: 4
  ) { $0[0].convolution($0[1], padding: .ends(before: 0, after: 2)) }
  table.row(
    "convolution/3d", [.plain(1, 2, 3, 4, 3), .plain(2, 2, 2, 2, 2), .plain(2)],
    torch: "F.conv3d(a, b, c, padding=(1, 0, 1))", tolerance: 4
  ) { $0[0].convolution($0[1], bias: $0[2], padding: [1, 0, 1]) }
  table.row("convolution/no batch", [.plain(0, 2, 5), .plain(3, 2, 3), .plain(3)], torch: "F.conv1d(a, b, c)") {
    $0[0].convolution($0[1], bias: $0[2])
  }
  table.row(
    "convolution_transposed/1d", [.plain(2, 4, 5), .plain(4, 2, 3), .plain(2)],
    torch: "F.conv_transpose1d(a, b, c, stride=2, padding=1, output_padding=1)", tolerance: 4
  ) { $0[0].convolutionTransposed($0[1], bias: $0[2], stride: 2, padding: 1, outputPadding: 1) }
  table.row(
    "convolution_transposed/2d grouped", [.plain(1, 4, 3, 4), .plain(4, 3, 2, 3), .plain(6)],
    torch: "F.conv_transpose2d(a, b, c, stride=(1, 2), dilation=(2, 1), groups=2)", tolerance: 4
  ) { $0[0].convolutionTransposed($0[1], bias: $0[2], stride: [1, 2], dilation: [2, 1], groups: 2) }
  table.row(
    "convolution_transposed/3d", [.plain(1, 2, 2, 3, 2), .plain(2, 2, 2, 2, 2)], torch: "F.conv_transpose3d(a, b)",
    tolerance: 4
  ) { $0[0].convolutionTransposed($0[1]) }
  table.row(
    "unfold", [.plain(1, 2, 5, 4)], torch: "F.unfold(a, (2, 3), dilation=(2, 1), padding=(1, 0), stride=(2, 1))"
  ) { $0[0].unfolded(kernel: [2, 3], stride: [2, 1], padding: [1, 0], dilation: [2, 1]) }
  table.row(
    "fold", [.plain(1, 12, 6)], torch: "F.fold(a, (5, 4), (2, 3), dilation=(2, 1), padding=(1, 0), stride=(2, 1))",
    tolerance: 2
  ) { $0[0].folded(size: [5, 4], kernel: [2, 3], stride: [2, 1], padding: [1, 0], dilation: [2, 1]) }
}
