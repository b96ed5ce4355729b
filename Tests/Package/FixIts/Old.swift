import DeepSeek
import DeepSeekCompatibility

// Old names that need no more than their fix-its.
keras.backend.clear_session()
let first = keras.initializers.glorot_uniform()
let classifier = ds.Sequential([
  ds.layers.MaxPool2D(2), ds.layers.GlobalAvgPool2D(), ds.layers.Dense(4, kernelInitializer: first),
])
let x = tf.ones([2, 3])
let y = tf.zeros([2, 3])
print(x.shape, y.shape, try classifier.predict(tf.ones([1, 3, 4, 4])).shape)
