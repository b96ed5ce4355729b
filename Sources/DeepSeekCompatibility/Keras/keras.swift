public import DeepSeekStatic

// swift-format-ignore: TypeNamesShouldBeCapitalized
/// Keras under its own name: what guides write as `keras.layers.Dense(64)`. Everything in it is an old name.
public enum keras {
  /// Layers one after another.
  @available(*, deprecated, message: "use ds.Sequential")
  public typealias Sequential = Keras.Sequential
  /// Layers as they branch.
  @available(*, deprecated, message: "use ds.Model")
  public typealias Model = Keras.Model
  /// A tensor to be fed to a model.
  @available(*, deprecated, message: "use ds.Input")
  public typealias Input = Keras.Input
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// The layers.
  @available(*, deprecated, message: "use ds.layers")
  public typealias layers = Keras.Layers

  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// Models.
  public enum models {}
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// Rules by which weights move.
  public enum optimizers {}
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// What a model is fitted to lessen.
  public enum losses {}
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// What is told beside the loss.
  public enum metrics {}
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// What is told how training goes.
  public enum callbacks {}
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// First values of weights.
  public enum initializers {}
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// This and that.
  public enum utils {}
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// The graph beneath.
  public enum backend {}
}
