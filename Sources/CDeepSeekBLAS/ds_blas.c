#include "CDeepSeekBLAS.h"
