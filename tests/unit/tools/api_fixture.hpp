// A router over a store of its own, with the shipped configuration's zones and a mint with a fixed key.
#pragma once

#include "tests/support/store_fixture.hpp"
#include "tools/api/router.hpp"
#include "tools/config/load.hpp"

#include <boost/json.hpp>

#include <array>
#include <string>

namespace provenbl::tools {

// Repeats the same bytes for ever: tokens differ by their counter.
class CountingEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        ++calls_;
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(calls_ * 31 + i * 7);
    }

private:
    unsigned calls_ = 0;
};

class ApiFixture : public test::StoreFixture {
protected:
    static Configuration shipped() {
        auto loaded = load_configuration(PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml", Role::all);
        if (!loaded.configuration) throw std::runtime_error(loaded.problems.at(0).to_string("provenbl.yaml"));
        return *loaded.configuration;
    }

    // Performs whatever the router answers with, as the server would.
    api::Response perform(const api::Request& request) {
        auto answer = router.handle(request);
        if (auto* write = std::get_if<api::Write>(&answer)) return write->respond(store->write(write->work));
        if (std::holds_alternative<api::Follow>(answer)) throw std::runtime_error("a scan to follow");
        return std::get<api::Response>(answer);
    }
    api::Response as_operator(const std::string& method, const std::string& target, const std::string& body = {}) {
        return perform({method, target, "application/json", body, true, std::nullopt});
    }
    api::Response as_public(const std::string& method, const std::string& target,
                            const std::string& from = "198.51.100.1") {
        return perform({method, target, "application/json", "", false, Address::parse(from).value()});
    }
    static boost::json::object json(const api::Response& response) {
        return boost::json::parse(response.body).as_object();
    }
    static std::string header(const api::Response& response, std::string_view name) {
        for (const auto& [key, value] : response.headers) {
            if (key == name) return value;
        }
        return {};
    }

    static ledger::Finish finish(const char* outcome) {
        ledger::Finish made;
        made.outcome = outcome;
        return made;
    }

    // Lists the host by a mail whose every text holds the token. Returns the token's text.
    std::string prove_with_token(const Address& host, const Address& exit) {
        const auto token = mint.make();
        auto probe = test::mail_probe(1, host, clock.now());
        probe.id = token.id;
        probe.repeat = "swaks --to TOKEN@probes.example --server x";
        probe.software = "Postfix";
        prove(probe, exit);
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            tokens::attach_conversation(
                txn, token.id, "+0.1 > RCPT TO:<" + token.text + "@probes.example>\n+0.2 < 250 <ok>\n", "Postfix");
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
        return token.text;
    }

    CountingEntropy entropy;
    Configuration configuration = shipped();
    verifier::Gate gate{*store, clock, configuration.verifier.gate};
    verifier::TokenMint mint{std::array<std::uint8_t, 32>{1, 2, 3}, entropy};
    api::Context context{*store, clock, configuration,
                         gate,   mint,  [] { return boost::json::object{{"dns", {{"udp_queries", 7}}}}; },
                         entropy};
    api::Router router{context};
    const Address suspect = test::ip("5.6.7.8");
};

} // namespace provenbl::tools
