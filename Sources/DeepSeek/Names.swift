public import DeepSeekData
public import DeepSeekOperators
public import DeepSeekTokenizers

// Three modules have a type named `Padding`; under one roof each needs a name of its own.

/// What a convolution's or a pooling's window finds beyond the ends of the spatial axes.
public typealias Padding = DeepSeekOperators.Padding
/// How a tokenizer makes encodings equally long: `tokenizer.padding = TokenPadding(multiple: 8)`.
public typealias TokenPadding = DeepSeekTokenizers.Padding
/// How lists of a batch's rows are made equally long.
public typealias BatchPadding = DeepSeekData.Padding
