/// The framework's version, as the command line prints it and checkpoints record it.
public let frameworkVersion = "3.0.0-alpha.1"
