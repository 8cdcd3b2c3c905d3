// A place among those that a server has for connections: counted for as long as it is held. One thread.
#pragma once

#include <cstddef>
#include <utility>

namespace provenbl::tools::api {

class Place {
public:
    explicit Place(std::size_t& of) : taken_(&of) { ++of; }
    Place(Place&& other) noexcept : taken_(std::exchange(other.taken_, nullptr)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Place& operator=(Place&&) = delete;
    ~Place() {
        if (taken_ != nullptr) --*taken_;
    }

private:
    std::size_t* taken_;
};

} // namespace provenbl::tools::api
