// Watches intake.folder in the role that has the API: a thread that looks every few seconds. What it finds goes the
// operator's own way, through the router, so that every rule of reports holds.
#pragma once

#include "tools/api/context.hpp"
#include "tools/intake/folder.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace provenbl::tools {

// Files a report as the operator. Blocks until it is durable.
[[nodiscard]] intake::Filed file_as_operator(const api::Context& context, const intake::Entry& entry);

class IntakeWatcher {
public:
    explicit IntakeWatcher(const api::Context& context);
    ~IntakeWatcher(); // stops, after the line that is under way
    IntakeWatcher(const IntakeWatcher&) = delete;
    IntakeWatcher& operator=(const IntakeWatcher&) = delete;
    Result<> start();

private:
    void run(const std::stop_token& stop);

    const api::Context& context_;
    intake::Folder folder_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_; // last: its end is waited for first
};

} // namespace provenbl::tools
