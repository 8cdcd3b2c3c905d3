#include "dnsbl/transfer/transfer.hpp"

namespace provenbl::dnsbl::transfer {

Transfer::Transfer(const zones::Contents& contents, std::shared_ptr<const zones::Snapshot> snapshot, Head head,
                   std::optional<Difference> difference)
    : contents_(contents), snapshot_(std::move(snapshot)), head_(std::move(head)), difference_(std::move(difference)) {}

bool Transfer::next(std::vector<std::uint8_t>& out, std::size_t limit) {
    Message message(contents_.zone(), head_, first_, limit, out);
    while (!over() && write(message)) {
    }
    message.finish();
    first_ = false;
    return message.records() > 0;
}

// One stage. False when the message is full: the stage goes on in the next.
bool Transfer::write(Message& message) {
    const auto go_on = [&](bool written, Stage next) {
        if (written) stage_ = next;
        return written;
    };
    const auto serial = snapshot_->serial_of(contents_.zone());
    switch (stage_) {
    case Stage::opening:
        return go_on(message.add_soa(serial), difference_ ? Stage::old_soa : Stage::contents);
    case Stage::contents:
        return go_on(contents_.walk(snapshot_->index, cursor_,
                                    [&](const zones::Content& content) { return message.add(content); }),
                     Stage::closing);
    case Stage::old_soa:
        return go_on(message.add_soa(difference_->from), Stage::removals);
    case Stage::removals:
        return go_on(write_changes(message, &zones::AddressChange::before), Stage::new_soa);
    case Stage::new_soa:
        change_ = 0;
        return go_on(message.add_soa(serial), Stage::additions);
    case Stage::additions:
        return go_on(write_changes(message, &zones::AddressChange::after), Stage::closing);
    case Stage::closing:
        return go_on(message.add_soa(serial), Stage::over);
    case Stage::over:
        break;
    }
    return false;
}

bool Transfer::write_changes(Message& message, ClassSet zones::AddressChange::*side) {
    const auto& changes = difference_->changes;
    for (; change_ < changes.size(); ++change_) {
        const auto& change = changes[change_];
        if (!contents_.differs(change.before, change.after)) continue;
        const auto name = contents_.name(change.address, snapshot_->index.ipv6_bits());
        const auto content = contents_.listed(change.address, change.*side, name);
        if (content && !message.add(*content)) return false;
    }
    return true;
}

} // namespace provenbl::dnsbl::transfer
