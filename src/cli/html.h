// A model as one self-contained web page.
#pragma once

#include <string>

#include "cli/verb.h"
#include "graph/graph.h"

namespace tulle::cli {

/// The page: facts from `summary` (the object of inspect --json) and every graph drawn as SVG, one row a node in
/// execution order, with its attributes and operands on click. Needs no network and no script library.
std::string html_page(const Model& model, const Json& summary);

}  // namespace tulle::cli
