#include "store/damage.hpp"

#include <csignal>
#include <string_view>
#include <unistd.h>

namespace provenbl {
namespace {

// Only what a signal handler may do.
void say(std::string_view text) {
    (void)!::write(STDERR_FILENO, text.data(), text.size());
}

void explain(int signal) {
    if (signal == SIGBUS)
        say("provenbl: a page of the data file can't be read: the file was cut short, or the disk fails; see the "
            "kernel's "
            "log, then restore a backup\n");
    else
        say("provenbl: invalid memory was used: the data file may be damaged (`provenbl check` tells), or this is a "
            "fault "
            "of provenbl\n");
    std::signal(signal, SIG_DFL);
    ::raise(signal);
}

} // namespace

void explain_damage_signals() {
    struct sigaction action {};
    action.sa_handler = explain;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, nullptr);
    ::sigaction(SIGSEGV, &action, nullptr);
}

} // namespace provenbl
