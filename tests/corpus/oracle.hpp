// ldns as the judge: it builds what the model wants, reads what was answered, and compares the two.
#pragma once

#include "generator.hpp"
#include "model.hpp"

#include <memory>
#include <span>
#include <string>
#include <unordered_map>

struct ldns_struct_rr;

namespace provenbl::corpus {

class Oracle {
public:
    Oracle(unsigned edns_size, std::string identity) : edns_size_(edns_size), identity_(std::move(identity)) {}

    // Empty when the answer is what the verdict says; else what is not.
    [[nodiscard]] std::string difference(const Question& question, const Verdict& verdict,
                                         std::span<const std::uint8_t> answer);
    // Can ldns read it at all?
    [[nodiscard]] static bool readable(std::span<const std::uint8_t> answer);
    [[nodiscard]] static bool truncated(std::span<const std::uint8_t> answer);

private:
    using Rr = std::shared_ptr<ldns_struct_rr>;
    Rr record(const Record& wanted);
    std::string section(const char* what, const Question& question, const std::vector<Record>& wanted, void* list);
    const unsigned edns_size_;
    const std::string identity_;
    std::unordered_map<std::string, Rr> records_; // by their text: ldns is slow to read
};

} // namespace provenbl::corpus
