// wasi:nn for components, over Nn.
#pragma once

#include "host/engine.h"

namespace tulle::host {

/// Functions whose `nn` is an Nn.
EngineNn component_functions();

}  // namespace tulle::host
