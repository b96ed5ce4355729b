// The table of old names comes with the old names themselves.
@_exported public import DeepSeekLegacyNames
