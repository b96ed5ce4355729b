public import DeepSeekData

extension ds {
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// Data sets by name.
  public enum datasets {
    /// A GLUE task's examples in a folder; see `DeepSeekData.loadGLUE`.
    ///
    /// ```swift ignore
    /// let mrpc = try ds.datasets.loadGLUE("mrpc", from: "glue")
    /// ```
    public static func loadGLUE(_ name: String, from folder: String) throws(DataError) -> GLUE {
      try DeepSeekData.loadGLUE(name, from: folder)
    }
  }
}
