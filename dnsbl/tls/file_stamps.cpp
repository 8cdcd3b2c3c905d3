#include "dnsbl/tls/file_stamps.hpp"

#include <cstddef>
#include <sys/stat.h>

namespace provenbl::dnsbl::tls {
namespace {

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

} // namespace

FileStamps stamps_of(const TlsSettings& settings) {
    FileStamps all;
    const std::array files{&settings.certificate, &settings.key, &settings.client_ca};
    for (std::size_t i = 0; i < files.size(); ++i) {
        struct stat about {};
        if (files[i]->empty() || ::stat(files[i]->c_str(), &about) != 0) continue;
        all[i] = {about.st_size, nanoseconds(about.st_mtim), nanoseconds(about.st_ctim), about.st_ino, about.st_dev};
    }
    return all;
}

} // namespace provenbl::dnsbl::tls
