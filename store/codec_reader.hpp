// Bytes to a record's fields. Inside the codec only.
//
// The fields are found once, without allocation for records of ordinary size, and then handed out. They come in the
// order of their tags, as the writer leaves them, and are asked for in that order: then each is looked at once. Another
// order, which damage or a later version may make, is read as well, only more slowly.
#pragma once

#include "store/codec.hpp"
#include "store/codec_bytes.hpp"
#include "store/codec_writer.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl::codec {

// What is left out, because it costs an allocation or more and is not wanted. Every number is read in any case.
enum class Leave {
    nothing,
    packed, // transcripts and messages
    texts,  // whatever is a std::string, and lists that are packed
};

class Reader {
public:
    explicit Reader(std::string_view bytes, Leave leave = Leave::nothing) : leave_(leave) {
        if (bytes.empty()) throw CorruptRecord("a stored record is empty");
        if (bytes.front() != format)
            throw CorruptRecord("a stored record has a format that this version does not know");
        bytes.remove_prefix(1);
        std::uint8_t last = 0;
        while (!bytes.empty()) {
            const auto tag = static_cast<std::uint8_t>(bytes.front());
            bytes.remove_prefix(1);
            const auto size = take_varint(bytes);
            if (size > bytes.size()) throw CorruptRecord("a stored record is cut short");
            in_order_ = in_order_ && tag >= last;
            last = tag;
            fields_.emplace_back(tag, bytes.substr(0, size));
            bytes.remove_prefix(size);
        }
    }

    template <class T> void operator()(std::uint8_t tag, T& value) {
        each(tag, [&](std::string_view bytes) { read(bytes, value); });
    }
    template <class T> void operator()(std::uint8_t tag, std::vector<T>& values) {
        values.clear();
        each(tag, [&](std::string_view bytes) { read(bytes, values.emplace_back()); });
    }
    // A Prefix has no empty state.
    void operator()(std::uint8_t tag, std::vector<Prefix>& values) {
        values.clear();
        each(tag, [&](std::string_view bytes) { read(bytes, values.emplace_back(Prefix::of(Address{}, 0))); });
    }
    void packed(std::uint8_t tag, std::string& text) {
        if (leave_ != Leave::nothing) return;
        each(tag, [&](std::string_view bytes) { text = unpack(bytes); });
    }

    // Left out with the texts, because it holds some. An older record has the list itself, with the members' tag.
    template <class T> void packed_list(std::uint8_t tag, std::uint8_t member, std::vector<T>& values) {
        values.clear();
        if (leave_ == Leave::texts) return;
        bool packed = false;
        each(tag, [&](std::string_view bytes) {
            const std::string list = unpack(bytes);
            Reader inner(list, leave_);
            inner(member, values);
            packed = true;
        });
        if (!packed) (*this)(member, values);
    }

private:
    // Every field of this tag, in the order in which they lie there.
    template <class Take> void each(std::uint8_t tag, const Take& take) {
        if (!in_order_) {
            for (const auto& [have, bytes] : fields_) {
                if (have == tag) take(bytes);
            }
            return;
        }
        if (next_ > 0 && fields_[next_ - 1].first >= tag) next_ = 0;
        while (next_ < fields_.size() && fields_[next_].first < tag) ++next_;
        for (; next_ < fields_.size() && fields_[next_].first == tag; ++next_) take(fields_[next_].second);
    }

    template <Number T> void read(std::string_view bytes, T& value) { value = static_cast<T>(take_varint(bytes)); }
    void read(std::string_view bytes, std::string& value) {
        if (leave_ != Leave::texts) value = bytes;
    }
    void read(std::string_view bytes, Time& value) {
        value = Time{Duration{static_cast<Duration::rep>(take_varint(bytes))}};
    }
    void read(std::string_view bytes, Address& value) { value = address(bytes); }
    void read(std::string_view bytes, TokenId& value) {
        if (bytes.size() != value.size()) throw CorruptRecord("a stored token has a wrong length");
        std::copy(bytes.begin(), bytes.end(), value.begin());
    }
    void read(std::string_view bytes, ClassSet& value) {
        value = ClassSet::from_bits(static_cast<std::uint16_t>(take_varint(bytes)));
    }
    void read(std::string_view bytes, Prefix& value) {
        if (bytes.empty()) throw CorruptRecord("a stored prefix is empty");
        const auto base = address(bytes.substr(1));
        const auto length = static_cast<std::uint8_t>(bytes.front());
        if (length > base.bits()) throw CorruptRecord("a stored prefix is too long");
        value = Prefix::of(base, length);
    }
    void read(std::string_view bytes, Endpoint& value) {
        if (bytes.size() < 2) throw CorruptRecord("a stored endpoint is cut short");
        value.port =
            static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[0]) << 8U | static_cast<std::uint8_t>(bytes[1]));
        value.address = address(bytes.substr(2));
    }
    template <class T>
    requires requires(Reader& r, T& t) { describe(r, t); }
    void read(std::string_view bytes, T& record) {
        Reader inner(bytes, leave_);
        describe(inner, record);
    }
    static Address address(std::string_view bytes) {
        if (bytes.size() != 4 && bytes.size() != 16) throw CorruptRecord("a stored address has a wrong length");
        return Address::from_bytes({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    }

    Leave leave_;
    bool in_order_ = true;
    std::size_t next_ = 0; // the first field after those that were asked for last
    boost::container::small_vector<std::pair<std::uint8_t, std::string_view>, 24> fields_;
};

} // namespace provenbl::codec
