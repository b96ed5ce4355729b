/// Models as Keras has them: layers put together, compiled with an optimizer and a loss, fitted to arrays. Runs on a
/// ``StaticGraph``; the layers are the dynamic graph's, called on its tensors.
///
/// ```swift
/// let model = Keras.Sequential([
///   Keras.Layers.Dense(128, activation: .relu), Keras.Layers.Dropout(0.5), Keras.Layers.Dense(10, activation: .softmax),
/// ])
/// model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
/// let history = try model.fit(images, labels, epochs: 5)
/// ```
///
/// Differences from Keras: images and sequences under convolutions and pooling have their channels before the spatial axes,
/// `[batch, channels, height, width]`, as everywhere in this framework, unless a layer's ``DataFormat`` says otherwise;
/// weights are saved under PyTorch's keys (`dense.weight`, `[outputs, inputs]`). Defaults (initial weights, epsilons, momenta) are Keras's.
public enum Keras {
  /// The layers.
  public enum Layers {}

  /// Layers one after another; ``Model/init(_:inputShape:dtype:)``.
  public typealias Sequential = Model

  /// A tensor to be fed; ``SymbolicTensor/init(_:dtype:name:)``.
  public typealias Input = SymbolicTensor
}
