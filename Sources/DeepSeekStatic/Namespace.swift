// swift-format-ignore: TypeNamesShouldBeCapitalized
/// The framework under the name that old guides give it: `ds.Sequential([ds.layers.Dense(128, activation: .relu)])`.
///
/// Aliases of the real types, which the umbrella `DeepSeek` puts in, and old names, which `DeepSeekCompatibility` puts in. Code
/// that has something else of this name writes `DeepSeek::ds`.
public enum ds {}
