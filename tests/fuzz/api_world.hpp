// A list with something in every table, much of it in hostile words, and the API over it: as it was before each input.
#pragma once

#include "store/entropy.hpp"
#include "store/store.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/api/journal_reader.hpp"
#include "tools/api/router.hpp"
#include "tools/letters/desk.hpp"
#include "tools/signing/signing_key.hpp"

#include <memory>
#include <optional>
#include <string>

namespace provenbl::fuzz {

// Counts, so that a run can be had again.
class Counting final : public Entropy {
public:
    void begin_anew() { next_ = 1; }
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = next_++;
    }

private:
    std::uint8_t next_ = 1;
};

class World {
public:
    // Throws when the list can't be made.
    World();
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // The list as it was made, and clients that have asked nothing yet.
    void renew();
    // Answers as the server would, and checks the answer (api_rules.hpp).
    void ask(const tools::api::Request& request);

    const tools::Configuration configuration;

private:
    struct Service; // what is over an open store
    tools::api::Response answer(tools::api::Answer what);
    void fill_store();
    [[nodiscard]] std::unique_ptr<Service> open(const std::filesystem::path& directory);

    test::TemporaryDirectory made_; // the list as it was made; `used_` is a copy
    test::TemporaryDirectory used_;
    ManualClock clock_{Time{std::chrono::hours{24} * 365 * 55}};
    Counting entropy_;
    verifier::TokenMint mint_{{1, 2, 3}, entropy_};
    const tools::letters::Desk desk_; // reads every template: once
    const tools::signing::SigningKey signer_ = tools::signing::SigningKey::generate();
    std::unique_ptr<Service> service_;
    bool changed_ = true; // since it was made
};

} // namespace provenbl::fuzz
