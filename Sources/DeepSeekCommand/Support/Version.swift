/// The framework's version.
let frameworkVersion = "3.0.0-alpha.1"
