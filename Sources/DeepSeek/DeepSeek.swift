// The whole framework under one name: `import DeepSeek`.
@_exported public import DeepSeekCheckpoints
@_exported public import DeepSeekCompression
@_exported public import DeepSeekData
@_exported public import DeepSeekDynamic
@_exported public import DeepSeekEngines
@_exported public import DeepSeekGraph
@_exported public import DeepSeekHeterogeneous
@_exported public import DeepSeekHub
@_exported public import DeepSeekInterchange
@_exported public import DeepSeekModels
@_exported public import DeepSeekOperators
@_exported public import DeepSeekRecords
@_exported public import DeepSeekStatic
@_exported public import DeepSeekTensor
@_exported public import DeepSeekTemplates
@_exported public import DeepSeekTokenizers
@_exported public import DeepSeekTraining
