#include "tools/letters/postman.hpp"

#include "store/log.hpp"
#include "tools/letters/rdap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace provenbl::tools::letters {
namespace {

constexpr std::size_t due_at_once = 1000;
constexpr std::size_t entries_at_once = 1000;
constexpr auto breath = std::chrono::seconds(1);
constexpr Duration looks_again = std::chrono::minutes(1);

Time next_midnight(Time now) {
    return Time{std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1)};
}

} // namespace

Send smarthost_of(const Configuration& configuration) {
    const auto& settings = configuration.letters;
    Greeting greeting{configuration.verifier.identity.helo, {}, settings.smarthost_tls};
    return [settings, greeting = std::move(greeting)](const Envelope& envelope, const std::string& message) {
        auto credentials = credentials_of(settings);
        if (!credentials) return Delivery{Outcome::later, credentials.error().message};
        auto with = greeting;
        with.credentials = std::move(*credentials);
        return send_by_smarthost(settings.smarthost, with, envelope, message, settings.timeout);
    };
}

Result<Contacts> contacts_of(const Settings& settings) {
    // No letter leaves without it.
    if (auto credentials = credentials_of(settings); !credentials) return credentials.error();
    ContactTable table;
    if (!settings.contact_table.empty()) {
        auto loaded = ContactTable::load(settings.contact_table.string());
        if (!loaded) return loaded.error();
        table = std::move(*loaded);
    }
    Sources sources;
    if (!settings.rdap.empty())
        sources.rdap = [client = RdapClient{settings.rdap, settings.timeout}](const Address& host) {
            return client.ask(host);
        };
    sources.names_of = system_names_of;
    sources.addresses_of = system_addresses_of;
    return Contacts{std::move(sources), std::move(table)};
}

Postman::Postman(Store& store, const Clock& clock, Entropy& entropy, const Settings& settings, const Desk& desk,
                 Contacts contacts, Send send)
    : store_(store), clock_(clock), entropy_(entropy), settings_(settings), desk_(desk), contacts_(std::move(contacts)),
      send_(std::move(send)) {}

Postman::~Postman() {
    stop();
}

void Postman::start() {
    thread_ = std::thread([this] { run(); });
}

void Postman::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool Postman::pause() {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, breath, [this] { return stopping_; });
}

void Postman::run() {
    tell_of_unsure();
    std::uint64_t seen = 0;
    Time looked{};
    do {
        const auto version = store_.version();
        const auto now = clock_.now();
        if (version == seen && now < looked + looks_again) continue;
        seen = version;
        looked = now;
        try {
            round();
        } catch (const std::exception& fault) {
            log::of("letters")->error("{}", fault.what());
        }
    } while (pause());
}

void Postman::tell_of_unsure() const {
    std::size_t count = 0;
    std::string first;
    store_.read([&](const ReadTxn& txn) {
        provenbl::letters::walk(txn, [&](const Letter& letter) {
            if (letter.state == LetterState::sending && count++ == 0) first = letter.host.to_string();
            return true;
        });
    });
    if (count > 0)
        log::of("letters")->warn(
            "{} (of {} the first) were being handed over when the program ended, and may have been "
            "taken: they are not sent again unless you say so, with `provenbl letter send {} --again`",
            count, first, first);
}

void Postman::write(const char* what, const Store::Work& work) const {
    if (const auto done = store_.write(work); !done) log::of("letters")->error("{}: {}", what, done.error().message);
}

void Postman::put_off(const Letter& letter, Time due, const std::string& why) const {
    write("a letter could not be put off", [&](WriteTxn& txn) {
        return provenbl::letters::wait(txn, {letter.host, letter.case_id}, due, why);
    });
}

void Postman::end(const Letter& letter, LetterState state, const std::string& why) const {
    write("a letter could not be ended", [&](WriteTxn& txn) {
        return provenbl::letters::stop(txn, {letter.host, letter.case_id}, state, why);
    });
}

std::optional<std::string> Postman::contact_for(const Letter& letter, const ListedHost& host) {
    const bool mail = std::any_of(host.evidence.begin(), host.evidence.end(),
                                  [](const CaseEvidence& way) { return way.cls == ListingClass::relay; });
    const auto now = clock_.now();
    bool somebody = false;
    for (const auto& contact : contacts_.of(letter.host, mail, now)) {
        somebody = true;
        if (std::find(letter.tried.begin(), letter.tried.end(), contact) != letter.tried.end()) continue;
        const auto known = store_.read([&](const ReadTxn& txn) {
            return std::pair{provenbl::letters::opted_out(txn, contact), provenbl::letters::contact(txn, contact)};
        });
        if (known.first) {
            // Who wants no letters is not written to by way of somebody else.
            end(letter, LetterState::stopped, contact + " wants no letters");
            return std::nullopt;
        }
        if (known.second && known.second->last_sent != Time{} &&
            now < known.second->last_sent + settings_.contact_spacing) {
            put_off(letter, known.second->last_sent + settings_.contact_spacing,
                    contact + " got a letter lately: this goes with the next one");
            return std::nullopt;
        }
        return contact;
    }
    end(letter, LetterState::stopped, somebody ? "no contact could be reached" : "there is nobody to write to");
    return std::nullopt;
}

void Postman::round() {
    if (settings_.automatic) {
        write("the journal could not be followed", [this](WriteTxn& txn) -> Result<> {
            (void)provenbl::letters::follow_journal(txn, settings_.wait, entries_at_once);
            return {};
        });
    }
    const auto now = clock_.now();
    std::map<std::string, std::vector<Ready>> by_contact;
    for (auto& letter :
         store_.read([&](const ReadTxn& txn) { return provenbl::letters::due(txn, now, due_at_once); })) {
        auto host =
            store_.read([&](const ReadTxn& txn) { return desk_.listed_host(txn, letter.host, letter.case_id); });
        if (!host) {
            end(letter, LetterState::withdrawn, "the listing ended before the letter was sent");
            continue;
        }
        const auto contact = contact_for(letter, *host);
        if (!contact) continue;
        auto& batch = by_contact[*contact];
        if (batch.size() < settings_.hosts_per_letter)
            batch.push_back({std::move(letter), std::move(*host)});
        else
            put_off(letter, now + settings_.contact_spacing, "there are many about this contact: more go tomorrow");
    }
    for (auto& [contact, batch] : by_contact) {
        const auto begun = store_.read([&](const ReadTxn& txn) { return provenbl::letters::begun_today(txn, now); });
        if (begun >= settings_.per_day) {
            for (const auto& one : batch)
                put_off(one.letter, next_midnight(now), "as many letters as a day may have are out (letters.per_day)");
            continue;
        }
        deliver(contact, std::move(batch));
    }
}

Postman::Counts Postman::counts() const {
    const auto of = [this](Outcome outcome) { return outcomes_[static_cast<std::size_t>(outcome)].load(); };
    return {of(Outcome::taken), of(Outcome::refused), of(Outcome::later), of(Outcome::unsure)};
}

void Postman::deliver(const std::string& contact, std::vector<Ready> batch) {
    TokenId token{};
    entropy_.fill(token);
    std::vector<LetterHost> hosts;
    std::vector<ListedHost> listed;
    for (auto& one : batch) {
        hosts.push_back({one.letter.host, one.letter.case_id});
        listed.push_back(std::move(one.host));
    }
    const auto& first = batch.front().letter;
    const auto draft = desk_.draft(std::move(listed), contact, first.language, first.tried.size(), token, clock_.now());
    const auto text = message(desk_.templates(), draft);
    const auto begun = store_.write(
        [&](WriteTxn& txn) { return provenbl::letters::begin(txn, token, contact, draft.message_id, hosts); });
    if (!begun) {
        log::of("letters")->warn("nothing was sent to {}: {}", log::contact(contact), begun.error().message);
        return;
    }
    const auto delivery = send_({desk_.bounce_address(token), contact}, text);
    ++outcomes_[static_cast<std::size_t>(delivery.outcome)];
    switch (delivery.outcome) {
    case Outcome::taken:
        write("a letter was taken, which could not be written down: it stays in 'sending'",
              [&](WriteTxn& txn) { return provenbl::letters::sent(txn, token); });
        log::of("letters")->info("{} is told of {} ({})", log::contact(contact), first.host.to_string(),
                                 draft.message_id);
        break;
    case Outcome::refused:
        write("a refusal could not be written down",
              [&](WriteTxn& txn) { return provenbl::letters::unreachable(txn, token, delivery.why); });
        break;
    case Outcome::later: {
        log::of("letters")->warn("not taken, tried again later: {}", log::words(delivery.why, contact));
        const auto next = clock_.now() + settings_.retry_after;
        write("a letter could not be queued again",
              [&](WriteTxn& txn) { return provenbl::letters::postpone(txn, token, next, delivery.why); });
        for (const auto& one : batch) {
            if (one.letter.attempts + 1 >= settings_.attempts) end(one.letter, LetterState::stopped, delivery.why);
        }
        break;
    }
    case Outcome::unsure:
        log::of("letters")->error("{} may have been taken or not ({}): it is not sent again unless you say so, with "
                                  "`provenbl letter send {} --again`",
                                  draft.message_id, log::words(delivery.why, contact), first.host.to_string());
        break;
    }
}

} // namespace provenbl::tools::letters
