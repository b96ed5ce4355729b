// swift-format-ignore-file: TypeNamesShouldBeCapitalized
/// TensorFlow 1 under its own name: what guides write as `tf.placeholder(tf.float32, [nil, 784])`. Everything in it is an old
/// name for something of this framework; nothing runs through TensorFlow unless `ds.backend` says so.
public enum tf {
  /// Parts of networks.
  public enum nn {}
  /// Layers as functions.
  public enum layers {}
  /// Losses as functions.
  public enum losses {}
  /// Optimizers and checkpoints.
  public enum train {}
  /// What TensorBoard shows.
  public enum summary {}
}
