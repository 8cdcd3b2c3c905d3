// What clients of the callback sinks say: requests, lines, datagrams, and the token in them.
#include "verifier/token.hpp"
#include "verifier/wire/callback_request.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace provenbl;
using namespace provenbl::verifier;

void require(bool holds) {
    if (!holds) std::abort();
}

class Counting final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = next_++;
    }

private:
    std::uint8_t next_ = 1;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    // What is whole stays whole, and what is a line never becomes a request.
    const auto form = wire::callback_form(bytes);
    if (form != wire::CallbackForm::incomplete) require(wire::callback_form(std::string(bytes) + "x") == form);
    for (std::size_t i = 0; i < size; ++i) {
        const auto before = wire::callback_form(bytes.substr(0, i));
        if (before != wire::CallbackForm::incomplete) require(before == form);
    }
    require(!wire::is_head_request(bytes) || bytes.starts_with("HEAD "));

    Counting entropy;
    TokenMint mint({1, 2, 3}, entropy);
    const auto text = wire::datagram_token(bytes, TokenMint::text_size);
    require(text.empty() || text.size() == TokenMint::text_size);
    if (const auto id = mint.check(text)) require(mint.find(bytes) == id);
    // A token of ours is found wherever it stands alone, and nothing else is one.
    const auto token = mint.make();
    const auto around =
        std::string(bytes.substr(0, size / 2)) + "/" + token.text + "/" + std::string(bytes.substr(size / 2));
    if (size <= 256) require(mint.find(around).has_value());
    if (const auto id = mint.find(bytes)) {
        const auto whole = mint.text_of(*id);
        require(mint.check(whole) == id);
    }
    return 0;
}
