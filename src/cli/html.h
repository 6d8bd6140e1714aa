// A model as one self-contained web page, and what other pages share with it.
#pragma once

#include <string>
#include <string_view>

#include "cli/verb.h"
#include "graph/graph.h"

namespace tulle::cli {

/// The page: facts from `summary` (the object of inspect --json) and every graph drawn as SVG, one row a node in
/// execution order, with its attributes and operands on click. Needs no network and no script library.
std::string html_page(const Model& model, const Json& summary);

/// Text as it may stand between tags and in attributes of a page.
std::string escape(std::string_view text);
/// A box of a page: a heading, and what is in it as HTML.
std::string card(std::string_view head, const std::string& body);

}  // namespace tulle::cli
