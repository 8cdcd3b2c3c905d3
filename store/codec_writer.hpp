// A record's fields to bytes. Inside the codec only.
#pragma once

#include "store/codec_bytes.hpp"
#include "store/records.hpp"

#include <concepts>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace provenbl::codec {

inline constexpr char format = 1; // of every record: its first byte

template <class T>
concept Number = std::integral<T> || std::is_enum_v<T>;

class Writer {
public:
    Writer() : bytes_(1, format) {}
    std::string take() { return std::move(bytes_); }

    template <Number T> void operator()(std::uint8_t tag, const T& value) {
        std::string field;
        append_varint(field, static_cast<std::uint64_t>(value));
        add(tag, field);
    }
    void operator()(std::uint8_t tag, const std::string& value) { add(tag, value); }
    void operator()(std::uint8_t tag, const Time& value) {
        (*this)(tag, static_cast<std::uint64_t>(value.time_since_epoch().count()));
    }
    void operator()(std::uint8_t tag, const Address& value) { add(tag, raw(value.bytes())); }
    void operator()(std::uint8_t tag, const TokenId& value) { add(tag, raw(value)); }
    void operator()(std::uint8_t tag, const ClassSet& value) { (*this)(tag, value.bits()); }
    void operator()(std::uint8_t tag, const Prefix& value) {
        add(tag, static_cast<char>(value.length()) + raw(value.base().bytes()));
    }
    void operator()(std::uint8_t tag, const Endpoint& value) {
        std::string field{static_cast<char>(value.port >> 8U), static_cast<char>(value.port)};
        add(tag, field + raw(value.address.bytes()));
    }
    template <class T> void operator()(std::uint8_t tag, const std::vector<T>& values) {
        for (const auto& value : values) (*this)(tag, value);
    }
    template <class T>
    requires requires(Writer& w, T& t) { describe(w, t); }
    void operator()(std::uint8_t tag, const T& record) {
        Writer inner;
        describe(inner, record);
        add(tag, inner.take());
    }
    void packed(std::uint8_t tag, const std::string& text) {
        if (!text.empty()) add(tag, pack(text));
    }

    // A list whose members are much alike: one packed field, in which each has the tag `member`.
    template <class T> void packed_list(std::uint8_t tag, std::uint8_t member, const std::vector<T>& values) {
        if (values.empty()) return;
        Writer list;
        list(member, values);
        add(tag, pack(list.take()));
    }

private:
    static std::string raw(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }
    void add(std::uint8_t tag, std::string_view field) {
        bytes_ += static_cast<char>(tag);
        append_varint(bytes_, field.size());
        bytes_ += field;
    }
    std::string bytes_;
};

} // namespace provenbl::codec
