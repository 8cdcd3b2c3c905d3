// A store in a temporary directory, a clock that tests move, and short ways to list a host.
#pragma once

#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/ledger.hpp"
#include "store/store.hpp"
#include "store/tokens.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

namespace provenbl::test {

inline Address ip(const char* text) {
    return Address::parse(text).value();
}

inline TokenId token_id(std::uint32_t number) {
    TokenId id{};
    for (unsigned i = 0; i < 4; ++i) id[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    return id;
}

inline PendingProbe mail_probe(std::uint32_t number, const Address& target, Time now,
                               const char* technique = "smtp-relay/plain") {
    PendingProbe probe;
    probe.id = token_id(number);
    probe.target = {target, 25};
    probe.technique = technique;
    probe.cls = ListingClass::relay;
    probe.sink = SinkKind::mail;
    probe.written = now;
    probe.expires = now + std::chrono::hours(24);
    probe.repeat = "swaks --to TOKEN";
    return probe;
}

class StoreFixture : public ::testing::Test {
protected:
    StoreFixture() { reopen(); }

    void reopen() {
        store.reset();
        auto opened = Store::open({directory.path(), false, map_size}, clock);
        if (!opened) throw std::runtime_error(opened.error().message);
        store = std::move(*opened);
    }

    // A token goes out and comes back: the host is listed. `exit` defaults to the host itself.
    Host prove(const PendingProbe& probe, const Address& exit) {
        Host host;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            if (auto issued = tokens::issue(txn, probe); !issued) return issued;
            auto evidence = tokens::arrive(txn, probe.id, {clock.now(), exit, 25, "Received: by relay\r\n\r\nbody"});
            if (!evidence) return evidence.error();
            if (!*evidence) {
                auto confirmed = tokens::confirm(txn, probe.id);
                if (!confirmed) return confirmed.error();
                *evidence = *confirmed;
            }
            auto listed = ledger::list(txn, **evidence, clock.now() + std::chrono::hours(24));
            if (!listed) return listed.error();
            host = *listed;
            if (exit != probe.target.address) {
                auto chained = ledger::list_exit(txn, **evidence, clock.now() + std::chrono::hours(24));
                if (!chained) return chained.error();
            }
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
        return host;
    }
    Host prove(std::uint32_t number, const Address& target) {
        return prove(mail_probe(number, target, clock.now()), target);
    }

    // Queues a visit, runs it with these steps, and finishes it.
    Scan visit(const Address& host, const std::vector<ScanStep>& steps, const ledger::Finish& finish = {},
               ScanKind kind = ScanKind::owner) {
        Scan finished;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            auto queued = ledger::request_scan(txn, host, kind, clock.now(), {});
            if (!queued) return queued.error();
            auto started = ledger::start_scan(txn, host);
            if (!started) return started.error();
            for (const auto& step : steps) ledger::add_step(txn, host, started->id, step);
            auto result = ledger::finish_scan(txn, host, started->id, finish);
            if (!result) return result.error();
            finished = *result;
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
        return finished;
    }

    std::optional<Host> host(const Address& address) {
        return store->read([&](const ReadTxn& txn) { return hosts::find(txn, address); });
    }
    std::optional<Listing> listing(const Address& address) {
        return store->read([&](const ReadTxn& txn) { return hosts::listing(txn, address); });
    }
    std::vector<Change> all_changes() {
        return store->read([](const ReadTxn& txn) {
            std::vector<Change> all;
            journal::walk(txn, 0, [&](const Change& change) {
                all.push_back(change);
                return true;
            });
            return all;
        });
    }

    TemporaryDirectory directory;
    ManualClock clock{Time{std::chrono::hours(24 * 365 * 50)}};
    std::size_t map_size = std::size_t{1} << 20;
    std::unique_ptr<Store> store;
};

} // namespace provenbl::test
