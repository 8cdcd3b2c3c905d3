#include "store/reversed_name.hpp"
#include "tests/bench/data_writers.hpp"
#include "tests/bench/query_file.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

namespace provenbl::bench {
namespace {

class TextFile {
public:
    explicit TextFile(const std::filesystem::path& path) : path_(path), file_(std::fopen(path.c_str(), "w")) {
        if (!file_) throw std::runtime_error("can't write " + path.string());
    }
    template <class... Args> void operator()(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(buffer_), format, std::forward<Args>(args)...);
        if (buffer_.size() > 1U << 20U) flush();
    }
    // Throws; without it an error at the end would go unseen.
    void finish() {
        flush();
        if (std::fclose(file_.release()) != 0) throw std::runtime_error("can't write " + path_.string());
    }

private:
    void flush() {
        if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size())
            throw std::runtime_error("can't write " + path_.string());
        buffer_.clear();
    }
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::filesystem::path path_;
    std::unique_ptr<std::FILE, Close> file_;
    fmt::memory_buffer buffer_;
};

constexpr std::array classes{ListingClass::relay, ListingClass::socks, ListingClass::http, ListingClass::chain};

const char* code(ListingClass cls) {
    switch (cls) {
    case ListingClass::relay:
        return "127.0.0.2";
    case ListingClass::socks:
        return "127.0.0.8";
    case ListingClass::http:
        return "127.0.0.9";
    default:
        return "127.0.0.10";
    }
}

void rbldnsd_class(TextFile& out, ListingClass cls) {
    out(":{}:Listed: {}. Why, and how to be removed: https://{}/$\n", code(cls), to_string(cls), apex);
}

void zone_entries(TextFile& out, const std::vector<Entry>& entries) {
    for (const auto& entry : entries) {
        const auto name = reversed_name(entry.address);
        out("{0} A {1}\n{0} TXT \"Listed: {2}. Why, and how to be removed: https://{3}/{4}\"\n", name, code(entry.cls),
            to_string(entry.cls), apex, entry.address.to_string());
    }
}

} // namespace

void write_rbldnsd(const std::filesystem::path& v4, const std::filesystem::path& v6, const DataSet& set) {
    TextFile out4(v4);
    out4("$SOA 3600 ns1.{0} hostmaster.{0} 1 300 60 1209600 60\n$NS 3600 ns1.{0}\n$TTL 120\n", apex);
    for (const auto cls : classes) {
        rbldnsd_class(out4, cls);
        for (const auto& network : set.networks) {
            if (network.cls == cls) out4("{}\n", network.prefix.to_string());
        }
        for (const auto& entry : set.singles) {
            if (entry.cls == cls) out4("{}\n", entry.address.to_string());
        }
    }
    out4.finish();
    TextFile out6(v6);
    out6("$TTL 120\n");
    for (const auto cls : classes) {
        rbldnsd_class(out6, cls);
        for (const auto& entry : set.v6) {
            if (entry.cls == cls) out6("{}\n", entry.address.to_string());
        }
    }
    out6.finish();
}

void write_zone(const std::filesystem::path& file, const DataSet& set) {
    TextFile out(file);
    out("$ORIGIN {0}.\n$TTL 120\n@ 3600 SOA ns1.{0}. hostmaster.{0}. 1 300 60 1209600 60\n@ 3600 NS ns1.{0}.\n"
        "ns1 3600 A 192.0.2.53\n",
        apex);
    zone_entries(out, set.v4);
    zone_entries(out, set.v6);
    out.finish();
}

} // namespace provenbl::bench
