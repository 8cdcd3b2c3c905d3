#include "dnsbl/watch/dnstap.hpp"

#include <cstdlib>
#include <stdexcept>

namespace provenbl::dnsbl::watch {

Dnstap::Lane::Lane(const Dnstap& tap, std::uint64_t seed)
    : tap_(tap), sampler_(tap.settings_.sample, seed), slots_(std::make_unique<Slot[]>(queue_size)) {}

void Dnstap::Lane::write(const Observation& seen) {
    const auto which = tap_.settings_.messages;
    const bool answered = !seen.answer.empty();
    if (!tap_.connected()) {
        dropped_.add(which == DnstapMessages::all && answered ? 2 : 1);
        return;
    }
    if (which != DnstapMessages::responses) submit(DnstapType::auth_query, seen);
    if (which != DnstapMessages::queries && answered) submit(DnstapType::auth_response, seen);
}

void Dnstap::Lane::submit(DnstapType type, const Observation& seen) {
    const auto zone = tap_.zone(seen.outcome);
    const auto most = dnstap_overhead + tap_.settings_.identity.size() + tap_.settings_.version.size() + zone.size() +
                      seen.message.size() + (type == DnstapType::auth_response ? seen.answer.size() : 0);
    auto& slot = slots_[next_];
    if (most > slot.bytes.size()) {
        submit_large(type, seen, most);
        return;
    }
    if (slot.busy.load(std::memory_order_acquire)) {
        dropped_.add();
        return;
    }
    const auto bytes = write_dnstap(slot.bytes, type, seen, zone, {tap_.settings_.identity, tap_.settings_.version});
    slot.busy.store(true, std::memory_order_relaxed); // the queue publishes it
    if (fstrm_iothr_submit(tap_.thread_, queue_, bytes.data(), bytes.size(), &Lane::release, &slot) !=
        fstrm_res_success) {
        slot.busy.store(false, std::memory_order_relaxed);
        dropped_.add();
        return;
    }
    next_ = (next_ + 1) % queue_size;
}

// Hardly ever: our answers are short, and so is an honest question.
void Dnstap::Lane::submit_large(DnstapType type, const Observation& seen, std::size_t size) {
    auto* const memory = static_cast<std::uint8_t*>(std::malloc(size));
    if (memory != nullptr) {
        const auto bytes = write_dnstap({memory, size}, type, seen, tap_.zone(seen.outcome),
                                        {tap_.settings_.identity, tap_.settings_.version});
        const auto free_memory = [](void* /*bytes*/, void* all) { std::free(all); };
        if (fstrm_iothr_submit(tap_.thread_, queue_, bytes.data(), bytes.size(), free_memory, memory) ==
            fstrm_res_success)
            return;
    }
    std::free(memory);
    dropped_.add();
}

void Dnstap::Lane::release(void* /*bytes*/, void* slot) {
    static_cast<Slot*>(slot)->busy.store(false, std::memory_order_release);
}

Dnstap::Dnstap(DnstapSettings settings, std::vector<std::vector<std::uint8_t>> zones, std::uint64_t seed)
    : settings_(std::move(settings)), zones_(std::move(zones)), seed_(seed), stream_(settings_) {}

Dnstap::~Dnstap() {
    stop();
}

Dnstap::Lane& Dnstap::add_lane() {
    return lanes_.emplace_back(*this, seed_ + 0x9e3779b97f4a7c15 * (lanes_.size() + 1));
}

void Dnstap::start() {
    auto* writer_options = fstrm_writer_options_init();
    fstrm_writer_options_add_content_type(writer_options, dnstap_content_type.data(), dnstap_content_type.size());
    auto* rdwr = stream_.make_rdwr();
    auto* writer = fstrm_writer_init(writer_options, &rdwr);
    fstrm_writer_options_destroy(&writer_options);
    auto* options = fstrm_iothr_options_init();
    fstrm_iothr_options_set_num_input_queues(options, static_cast<unsigned>(lanes_.size()));
    fstrm_iothr_options_set_input_queue_size(options, queue_size);
    fstrm_iothr_options_set_queue_notify_threshold(options, wake_at_room);
    fstrm_iothr_options_set_queue_model(options, FSTRM_IOTHR_QUEUE_MODEL_SPSC);
    fstrm_iothr_options_set_reopen_interval(options, FSTRM_IOTHR_REOPEN_INTERVAL_MIN);
    thread_ = fstrm_iothr_init(options, &writer);
    fstrm_iothr_options_destroy(&options);
    if (thread_ == nullptr) throw std::runtime_error("dnstap: libfstrm could not start its thread");
    for (std::size_t i = 0; i < lanes_.size(); ++i) lanes_[i].queue_ = fstrm_iothr_get_input_queue_idx(thread_, i);
}

void Dnstap::stop() {
    if (thread_ != nullptr) fstrm_iothr_destroy(&thread_);
}

std::uint64_t Dnstap::dropped() const {
    std::uint64_t sum = 0;
    for (const auto& lane : lanes_) sum += lane.dropped_.get();
    return sum;
}

} // namespace provenbl::dnsbl::watch
