// Takes letters from the outbox (store/letters.hpp) to the smarthost: one round after the other, on a thread of its
// own.
//
// A round finds whom to write to, gathers what goes to one contact, keeps to the limits, and hands over. What a crash
// left in `sending` is named in the log and stays: the operator decides (`provenbl letter send ADDRESS --again`).
#pragma once

#include "store/entropy.hpp"
#include "store/letters.hpp"
#include "tools/letters/contacts.hpp"
#include "tools/letters/desk.hpp"
#include "tools/letters/hand_over.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace provenbl::tools::letters {

// An envelope and the message in it -> what came of it.
using Send = std::function<Delivery(const Envelope&, const std::string& message)>;

// The one that the configuration names.
[[nodiscard]] Send smarthost_of(const Configuration& configuration);
[[nodiscard]] Result<Contacts> contacts_of(const Settings& settings);

class Postman {
public:
    Postman(Store& store, const Clock& clock, Entropy& entropy, const Settings& settings, const Desk& desk,
            Contacts contacts, Send send);
    ~Postman(); // stops; a mail that is being handed over is waited for
    Postman(const Postman&) = delete;
    Postman& operator=(const Postman&) = delete;

    void start();
    void stop();
    // All that is due now. Called by the thread, or by a test that has none.
    void round();

    // Mails that were handed over since the start, by what came of them. Any thread.
    struct Counts {
        std::uint64_t taken = 0;
        std::uint64_t refused = 0;
        std::uint64_t later = 0;
        std::uint64_t unsure = 0;
    };
    [[nodiscard]] Counts counts() const;

private:
    struct Ready {
        Letter letter;
        ListedHost host;
    };
    void run();
    [[nodiscard]] bool pause();
    void tell_of_unsure() const;
    // Where this letter goes; nothing when its end has been written down.
    [[nodiscard]] std::optional<std::string> contact_for(const Letter& letter, const ListedHost& host);
    void deliver(const std::string& contact, std::vector<Ready> batch);
    void write(const char* what, const Store::Work& work) const;
    void put_off(const Letter& letter, Time due, const std::string& why) const;
    void end(const Letter& letter, LetterState state, const std::string& why) const;

    Store& store_;
    const Clock& clock_;
    Entropy& entropy_;
    const Settings settings_;
    const Desk& desk_;
    Contacts contacts_;
    Send send_;
    std::array<std::atomic<std::uint64_t>, 4> outcomes_{}; // as Outcome numbers them
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace provenbl::tools::letters
