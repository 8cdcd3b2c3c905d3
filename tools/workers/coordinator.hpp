// The coordinator: gives visits out to workers, issues their tokens, and takes in what they found.
//
// A visit that is given out is in one table until it is over; who takes it holds a lease, whoever took it before holds
// nothing any more. Everything a worker says is checked here: the signature and whose key it is, the lease, that a
// request is no repetition, that technique, address and token belong to the visit. A result is acknowledged when its
// visit has been concluded in the store. All state is touched on the verifier's executor alone.
#pragma once

#include "store/entropy.hpp"
#include "tools/workers/bus.hpp"
#include "tools/workers/counts.hpp"
#include "tools/workers/messages.hpp"
#include "tools/workers/register.hpp"
#include "tools/workers/settings.hpp"
#include "verifier/elsewhere.hpp"
#include "verifier/settings.hpp"

#include <atomic>
#include <map>
#include <memory>

namespace provenbl::tools::workers {

class Coordinator final : public verifier::Elsewhere {
public:
    // All of it lives longer.
    Coordinator(const Settings& settings, const verifier::VerifierSettings& verifier, const signing::SigningKey& key,
                Register& members, CoordinatorBus& bus, const Clock& clock, Entropy& entropy);
    ~Coordinator() override;

    [[nodiscard]] verifier::VantagePoints vantage_points() const override {
        return settings_.vantage_points < 2 ? verifier::VantagePoints::one : verifier::VantagePoints::two;
    }
    void open(boost::asio::any_io_executor executor, verifier::VisitBooks& books) override;
    void close() override;
    void hang_up() override;
    verifier::Awaitable<Result<verifier::Findings>> visit(Scan scan, verifier::VisitBooks::Known known) override;
    [[nodiscard]] CoordinatorCounts counts() const; // any thread

private:
    struct Given; // given.hpp
    using Given_ = std::shared_ptr<Given>;
    class OnTheList;
    struct Asked {
        std::string worker;
        Request request;
    };

    void heard_request(std::string message, CoordinatorBus::Answer answer); // threads of the bus
    void heard_result(const std::shared_ptr<Delivery>& delivery);

    verifier::Awaitable<Answer> answer(Asked asked);
    verifier::Awaitable<Answer> take(const Asked& asked, const Take& what);
    verifier::Awaitable<Answer> answer_to(Given_ given, const Asked& asked);
    verifier::Awaitable<Result<Issued>> issue(Given_ given, Issue what);
    verifier::Awaitable<Result<>> steps(Given_ given, Steps what);
    void result(const std::string& worker, ResultMessage message, std::shared_ptr<Delivery> delivery);
    [[nodiscard]] Result<> take_over(const Given& given, std::vector<ScanStep>& steps) const;
    verifier::Awaitable<Result<>> give(Given_ given);
    void drop_lease(Given& given);
    void drop_order(Given& given);
    Error refuse(Errc code, std::string why);

    const Settings& settings_;
    const verifier::VerifierSettings& verifier_;
    const signing::SigningKey& key_;
    Register& members_;
    CoordinatorBus& bus_;
    const Clock& clock_;
    Entropy& entropy_;
    boost::asio::any_io_executor executor_;
    verifier::VisitBooks* books_ = nullptr; // while open
    std::map<std::uint64_t, Given_> given_; // by scan
    std::map<std::string, Given_> leases_;  // those in force, and those whose result is being recorded
    Time mute_until_{};                     // no order is given out before
    std::atomic<std::size_t> pending_{0};   // requests that are being answered
    std::atomic<std::uint64_t> given_count_{0}, returned_{0}, lost_{0}, refused_{0}, at_home_{0};
    std::atomic<std::size_t> out_{0};
};

} // namespace provenbl::tools::workers
