#include "tools/daemon/sandbox/sandbox.hpp"

#include "tools/daemon/sandbox/privileges.hpp"
#include "tools/daemon/sandbox/system_calls.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <unistd.h>

namespace provenbl::tools::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t first_free_port = 1024;

bool has_low_port(const std::vector<Endpoint>& endpoints) {
    return std::any_of(endpoints.begin(), endpoints.end(),
                       [](const Endpoint& one) { return one.port > 0 && one.port < first_free_port; });
}

bool needs_low_port(const Configuration& configuration, Role role) {
    return (serves_dns(role) &&
            (has_low_port(configuration.dns.listen) || has_low_port(configuration.dns.tls.listen))) ||
           (verifies(role) && (has_low_port(configuration.verifier.mail_sink.listen) ||
                               has_low_port(configuration.verifier.callback_sink.listen))) ||
           (serves_api(role) &&
            (has_low_port(configuration.api.public_listen) || has_low_port(configuration.api.tls.listen) ||
             has_low_port(configuration.intake_mail.listen)));
}

// A file that is replaced, rotated or made anew needs its directory.
fs::path directory_of(const fs::path& file) {
    return file.parent_path().empty() ? fs::path{"."} : file.parent_path();
}

// Mail servers run as users of their own, and the mode of the socket is what says who may connect; our umask may well
// be 0077.
constexpr auto for_everybody = static_cast<fs::perms>(0755);

Result<std::string> give_up_user(const Configuration& configuration, Role role) {
    auto kept = needs_low_port(configuration, role) ? Kept::low_ports : Kept::nothing;
    const auto& name = configuration.service.user;
    std::string who = fmt::format("user {}", ::geteuid());
    if (::geteuid() == 0 && name.empty()) {
        spdlog::warn("this process stays root: name a user in service.user, or start it as one");
        kept = Kept::files_as_root;
    } else if (::geteuid() == 0) {
        const auto user = find_user(name);
        if (!user) return user.error();
        for (const auto& directory : {configuration.store.directory, directory_of(configuration.api.socket)}) {
            if (auto made = make_directory(directory, *user); !made) return made.error();
        }
        if (serves_api(role) && !configuration.intake_mail.socket.empty()) {
            const auto directory = directory_of(configuration.intake_mail.socket);
            if (auto made = make_directory(directory, *user, for_everybody); !made) return made.error();
        }
        if (auto became = become(*user); !became) return became.error();
        who = "user " + name;
    }
    if (auto dropped = keep_only(kept); !dropped) return dropped.error();
    return who + (kept == Kept::nothing     ? ", no capabilities"
                  : kept == Kept::low_ports ? ", low ports"
                                            : ", low ports and files of others");
}

// Nothing can be made below a directory that is not there when files are confined. What can't be made is told by
// whoever needs it.
void make_our_directories(const Configuration& configuration, Role role) {
    std::error_code ignored;
    if (role != Role::dns) fs::create_directories(configuration.store.directory, ignored);
    if (!serves_api(role)) return;
    fs::create_directories(directory_of(configuration.api.socket), ignored);
    if (!configuration.intake_mail.socket.empty())
        (void)make_directory(directory_of(configuration.intake_mail.socket), {}, for_everybody);
    if (!configuration.intake.folder.empty()) fs::create_directories(configuration.intake.folder, ignored);
}

} // namespace

std::vector<Access> needed_files(const Configuration& configuration, Role role, const fs::path& file) {
    // What libc, its resolver and OpenSSL read.
    std::vector<Access> needed{{"/etc"},
                               {"/usr"},
                               {"/lib"},
                               {"/lib64"},
                               {"/proc"},
                               {"/dev/urandom"},
                               {"/dev/random"},
                               {"/dev/null", true},
                               {"/sys/devices/system/cpu"},
                               {"/run/systemd/resolve"},
                               {"/run/resolvconf"},
                               {"/run/NetworkManager"}};
    const auto read = [&](const fs::path& path) {
        if (!path.empty()) needed.push_back({path, false});
    };
    const auto write = [&](const fs::path& path) {
        if (!path.empty()) needed.push_back({path, true});
    };
    // The directory, since an editor puts a new file in the place of the old one.
    read(directory_of(fs::absolute(file)));
    const auto& data = configuration.store.directory;
    std::error_code unknown;
    if (role == Role::dns && fs::exists(data / "lock.mdb", unknown)) {
        read(data);
        write(data / "lock.mdb"); // readers enter themselves there (store/environment)
    } else {
        write(data);
    }
    if (serves_dns(role)) {
        for (const auto& zone : configuration.zones.static_zones) {
            for (const auto& set : zone.sets) {
                for (const auto& path : set.paths) read(directory_of(path));
            }
        }
        const auto& dns = configuration.dns;
        for (const auto& path : {dns.cookie_secret_file, dns.tls.certificate, dns.tls.key, dns.tls.client_ca}) {
            if (!path.empty()) read(directory_of(path)); // a renewed one takes its place
        }
        if (!dns.statistics_file.empty()) write(directory_of(dns.statistics_file));
        const auto& log = dns.watch.query_log.file;
        if (log.starts_with('/')) write(directory_of(log));
        if (!dns.watch.dnstap.file.empty()) write(directory_of(dns.watch.dnstap.file));
        read(dns.watch.dnstap.socket);
    }
    if (serves_api(role)) {
        write(directory_of(configuration.api.socket));
        write(configuration.intake.folder);
        if (!configuration.intake_mail.socket.empty()) write(directory_of(configuration.intake_mail.socket));
        if (!configuration.api.tls.certificate.empty()) read(directory_of(configuration.api.tls.certificate));
        if (!configuration.api.tls.key.empty()) read(directory_of(configuration.api.tls.key));
        if (!configuration.dns.statistics_file.empty()) read(directory_of(configuration.dns.statistics_file));
        for (const auto& table : {configuration.statistics.country_file, configuration.statistics.network_file}) {
            if (!table.empty()) read(directory_of(table)); // replaced by a rename
        }
    }
    if (verifies(role)) {
        for (const auto& one : configuration.exports) write(directory_of(one.file));
        const auto& nats = configuration.workers.nats;
        if (!nats.credentials.empty()) read(directory_of(nats.credentials));
        if (!nats.authorities.empty()) read(directory_of(nats.authorities));
    }
    if (role != Role::dns && configuration.letters.enabled) {
        read(configuration.letters.templates);
        if (!configuration.letters.contact_table.empty()) read(directory_of(configuration.letters.contact_table));
        if (!configuration.letters.password_file.empty()) read(directory_of(configuration.letters.password_file));
    }
    return needed;
}

bool may_write(const Configuration& at_start, Role role, const fs::path& directory) {
    const auto plain = [](const fs::path& path) {
        auto normal = path.lexically_normal();
        return normal.has_filename() ? normal : normal.parent_path(); // "/run/x/"
    };
    const auto asked = plain(directory);
    const auto needed = needed_files(at_start, role, directory); // the last is only read
    return std::any_of(needed.begin(), needed.end(), [&](const Access& one) {
        if (!one.write) return false;
        const auto allowed = plain(one.path);
        return std::mismatch(allowed.begin(), allowed.end(), asked.begin(), asked.end()).first == allowed.end();
    });
}

Result<> enter(const Configuration& configuration, Role role, const fs::path& file) {
    const auto who = give_up_user(configuration, role);
    if (!who) return who.error();
    make_our_directories(configuration, role);
    const auto needed = needed_files(configuration, role, file);
    if (!configuration.service.sandbox) {
        spdlog::warn("sandbox: {}; files and system calls are not confined: service.sandbox is off", *who);
        return {};
    }
    const int abi = landlock_abi();
    if (abi > 0) {
        if (auto confined = confine_files(needed); !confined) return confined;
    } else {
        spdlog::warn("sandbox: files are not confined: this kernel has no Landlock, or has it switched off");
    }
    if (auto confined = confine_system_calls(); !confined) return confined;
    spdlog::info("sandbox: {}; {}system calls are confined", *who,
                 abi > 0 ? fmt::format("files (Landlock, ABI {}) and ", abi) : "");
    return {};
}

} // namespace provenbl::tools::sandbox
