// Questions by the million from one seed: valid ones of every kind, and what becomes of them when octets change.
#pragma once

#include "model.hpp"

#include <random>

namespace provenbl::corpus {

using Bytes = std::vector<std::uint8_t>;

// What is asked, where the message is valid.
struct Question {
    Bytes message;
    bool valid = true; // else only the message counts
    std::string asked; // the name in wire form, as it is sent
    unsigned type = 0;
    bool edns = false;
    bool dnssec_ok = false;
    bool nsid = false;
    std::string cookie; // of the client; empty: none
};

class Generator {
public:
    Generator(std::uint64_t seed, const Model& model);

    // An address of a small world in which many are listed, neighbours are not, and both families meet.
    Address address();
    ClassSet classes(); // of the listing classes, none included
    // Four of ten are mutated.
    Question question();
    std::size_t below(std::size_t bound); // a number

private:
    bool one_in(std::size_t count) { return below(count) == 0; }
    template <class Choice> const auto& one_of(const Choice& choice) { return choice[below(std::size(choice))]; }
    std::string relative(); // to an apex, as text
    std::string text_name();
    std::string wire();
    std::string label(std::size_t size);
    void mix_case(std::string& wire);
    void add_opt(Question& question);
    void mutate(Bytes& message);
    void mutate_counts(Bytes& message);
    void mutate_name(Bytes& message);
    void mutate_opt(Bytes& message);

    std::mt19937_64 random_;
    const Model& model_;
};

} // namespace provenbl::corpus
