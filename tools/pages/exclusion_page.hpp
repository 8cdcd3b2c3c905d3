// Asking to be left alone: the form, and what became of a request. Complete without scripts. Pure.
#pragma once

#include "store/exclusion_request.hpp"
#include "tools/pages/page.hpp"

#include <string>
#include <string_view>

namespace provenbl::tools::pages {

// As it was filled in; at first with the visitor's own address.
struct ExclusionForm {
    std::string prefix;
    std::string contact;
    std::string text;
    std::string mistake; // why it was not taken
};
[[nodiscard]] Page exclusion_form_page(const ExclusionForm& form);

// `number` is what the requester finds it by.
[[nodiscard]] Page exclusion_state_page(const ExclusionRequest& request, std::string_view number, Time now);

} // namespace provenbl::tools::pages
