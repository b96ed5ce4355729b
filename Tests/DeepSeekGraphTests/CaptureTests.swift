import DeepSeekGraph
import Testing
