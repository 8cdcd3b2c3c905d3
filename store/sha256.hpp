// SHA-256 (FIPS 180-4) of a stream of bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace provenbl {

class Sha256 {
public:
    Sha256();
    ~Sha256();
    void update(std::string_view bytes);
    [[nodiscard]] std::string hex(); // ends it

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

} // namespace provenbl
